import type { Asked } from './request-mix.ts';
import type { Recorder, Step } from './trace.ts';

export type Action = 'add' | 'fork' | 'append' | 'done' | 'preempt';

/** One operation of a server, and the pool after it. */
export interface Served extends Step {
  readonly action: Action;
  readonly request: string;
  /** Requests that hold blocks, with all their words so far. */
  readonly texts: Readonly<Record<string, readonly string[]>>;
  /** Requests that have arrived and hold nothing yet. */
  readonly waiting: readonly string[];
}

interface Live {
  readonly asked: Asked;
  /** Words of the answer that are still to be written. */
  readonly left: readonly string[];
}

/** Requests that are worked on at a time. */
const batch = 4;

/**
 * Serves requests as they arrive, one operation a step: the next one is added when it fits, and otherwise the live ones write their answers in turn, a word
 * each. Who finds no block for a word sends the youngest away, which comes back later with all it has and is computed anew (vLLM's recompute preemption).
 */
export function serve(recorder: Recorder, arrivals: readonly Asked[]): Served[] {
  const server = new Server(recorder, arrivals);
  const steps: Served[] = [];
  for (let step = server.next(); step; step = server.next()) steps.push(step);
  return steps;
}

class Server {
  readonly #recorder: Recorder;
  readonly #waiting: Live[];
  readonly #live: Live[] = [];
  #clock = 0;
  /** The next request was refused, and nothing was freed since. */
  #stuck = false;
  /** Found no block for its next word. */
  #short: Live | undefined;

  constructor(recorder: Recorder, arrivals: readonly Asked[]) {
    this.#recorder = recorder;
    this.#waiting = arrivals.map((asked) => ({ asked, left: asked.answer }));
  }

  next(): Served | undefined {
    this.#clock++;
    if (this.#short) return this.#preempt(this.#short);
    const next = this.#waiting[0];
    if (next && this.#mayEnter(next)) return this.#enter(next);
    const one = this.#live.shift();
    return one && (one.left.length ? this.#write(one) : this.#end(one));
  }

  #mayEnter({ asked: { at } }: Live): boolean {
    return !this.#live.length || (!this.#stuck && this.#live.length < batch && at < this.#clock);
  }

  /** A second sample forks the first while that has written nothing; later it finds its full blocks by their hashes. */
  #enter(next: Live): Served {
    const { name, prompt, sampleOf } = next.asked;
    const fork = this.#live.some(({ asked, left }) => asked.name === sampleOf && asked.answer === left);
    const step = this.#recorder.act((manager) => (fork ? manager.fork(name, sampleOf!) : manager.add(name, prompt)));
    this.#stuck = step.events.some(({ type }) => type === 'refuse');
    // What does not even fit into an empty pool is turned away for good.
    if (!this.#stuck || !this.#live.length) this.#waiting.shift();
    if (!this.#stuck) this.#live.push(next);
    return this.#said(fork ? 'fork' : 'add', next, step);
  }

  #write(one: Live): Served {
    const step = this.#recorder.act((manager) => manager.append(one.asked.name, one.left.slice(0, 1)));
    if (step.state.result === null) this.#short = one;
    else this.#live.push({ asked: one.asked, left: one.left.slice(1) });
    return this.#said('append', one, step);
  }

  /** The youngest goes; who is alone and still finds no block goes for good. */
  #preempt(short: Live): Served {
    const victim = this.#live.pop() ?? short;
    if (victim !== short) {
      const prompt = this.#textOf(victim.asked.name);
      this.#waiting.unshift({ asked: { ...victim.asked, prompt }, left: victim.left });
      this.#live.unshift(short);
    }
    this.#short = undefined;
    this.#stuck = true;
    return this.#said('preempt', victim, this.#release(victim));
  }

  #end(one: Live): Served {
    this.#stuck = false;
    return this.#said('done', one, this.#release(one));
  }

  #release({ asked }: Live): Step {
    return this.#recorder.act((manager) => {
      manager.done(asked.name);
    });
  }

  #textOf = (name: string) => this.#recorder.manager.requests.get(name)!.tokens.map(String);

  #said(action: Action, { asked }: Live, step: Step): Served {
    const names = [...this.#recorder.manager.requests.keys()];
    const texts = Object.fromEntries(names.map((name) => [name, this.#textOf(name)]));
    const waiting = this.#waiting.filter(({ asked: { at } }) => at < this.#clock).map((one) => one.asked.name);
    return { ...step, action, request: asked.name, texts, waiting };
  }
}
