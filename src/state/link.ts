import { LinkCodec, type Opened as OpenedView } from './codec.ts';
import { fields, defaultView, type View } from './view.ts';

export const version = '1';

export type Opened = OpenedView<View>;

const codec = new LinkCodec<View>(fields, {
  version,
  onlyWhenChanged: ['facts', 'reading', 'turns', 'layer', 'head', 'ink', 'texts'],
  absent: ['text', 'ask'],
  // A reader's own text needs nothing of the generator, and the generator nothing of the reader.
  unused: (view) => (view.text ? ['seed', 'length', 'kinds', 'facts', 'question', 'turns'] : ['text', 'ask']),
});

/** Reads a query string. Whatever it holds, a view comes back that can be shown. */
export const readLink = (query: string, initial: View = defaultView): Opened => codec.read(query, initial);

/** The query string of a view, from which `readLink` gives it back. */
export const writeLink = (view: View): string => codec.write(view);
