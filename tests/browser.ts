/** Which Chromium the tests drive, and with what flags: one that is installed, else the one that the npm package @sparticuz/chromium carries. */
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'];
const places = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Google\\Chrome\\Application\\chrome.exe',
];

// The sandbox needs a user that is not root, and containers run as root. The rest keeps the browser from calling anywhere of its own accord.
const args = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

function runs(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** CHROME_PATH, or the first known name on PATH, or a usual place. PALIMPSEST_BUNDLED_CHROMIUM=1 looks for none, to try the other way. */
function installed(): string | undefined {
  const { CHROME_PATH, PALIMPSEST_BUNDLED_CHROMIUM, PATH = '' } = process.env;
  if (PALIMPSEST_BUNDLED_CHROMIUM) return undefined;
  if (CHROME_PATH) return CHROME_PATH;
  const onPath = PATH.split(delimiter).flatMap((folder) => names.map((name) => join(folder, name)));
  return [...onPath, ...places].find(runs);
}

async function bundled(): Promise<string> {
  if (process.platform !== 'linux')
    throw new Error('There is no Chromium or Chrome here: install one, or say by CHROME_PATH where it is.');
  // The package brings the system libraries that Chromium needs, but unpacks them only where it believes itself on AWS Lambda.
  process.env['AWS_LAMBDA_JS_RUNTIME'] ??= 'nodejs22.x';
  const { default: chromium } = await import('@sparticuz/chromium');
  return chromium.executablePath();
}

/** Options for Playwright's launch(). */
export async function launchOptions() {
  return { executablePath: installed() ?? (await bundled()), args };
}
