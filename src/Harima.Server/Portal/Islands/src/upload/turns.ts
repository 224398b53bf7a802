// Work on thousands of files, a few at a time: after each turn the browser may paint and answer a click. The bound is a number
// of files, so that it holds on any machine; the time is for slow disks, where a single look at a file may take as long.

/** At most so many files are touched before the page gets its turn. */
export const FilesPerTurn = 100;
const TurnMs = 12;

export class Turns {
  private files = 0;
  private began = performance.now();
  private next: Promise<void> | undefined;

  /** Call after each file and await what it gives; nothing while the turn has room, since awaiting costs more than most files. */
  step(): Promise<void> | undefined {
    this.files++;
    if (!this.next && this.files < FilesPerTurn && performance.now() - this.began < TurnMs) {
      return undefined;
    }
    // All who share this count wait for the same task, or each would begin a turn of its own.
    this.next ??= nextTask().then(() => {
      this.next = undefined;
      this.files = 0;
      this.began = performance.now();
    });
    return this.next;
  }
}

/** Resolves in a task of its own. A message, since timers that follow each other are held back by 4 ms each. */
export function nextTask(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(undefined);
  });
}

/** As `items.sort(compare)`, in turns: short runs are sorted, then merged. */
export async function sortInTurns<T>(items: readonly T[], compare: (a: T, b: T) => number): Promise<T[]> {
  let runs: T[][] = [];
  for (let at = 0; at < items.length; at += FilesPerTurn) {
    runs.push(items.slice(at, at + FilesPerTurn).sort(compare));
    await nextTask();
  }
  const turns = new Turns();
  while (runs.length > 1) {
    const longer: T[][] = [];
    for (let i = 0; i < runs.length; i += 2) {
      longer.push(i + 1 < runs.length ? await merge(runs[i]!, runs[i + 1]!, compare, turns) : runs[i]!);
    }
    runs = longer;
  }
  return runs[0] ?? [];
}

async function merge<T>(left: readonly T[], right: readonly T[], compare: (a: T, b: T) => number, turns: Turns): Promise<T[]> {
  const merged: T[] = [];
  let [l, r] = [0, 0];
  while (l < left.length || r < right.length) {
    const fromLeft = r === right.length || (l < left.length && compare(left[l]!, right[r]!) <= 0);
    merged.push(fromLeft ? left[l++]! : right[r++]!);
    const pause = turns.step();
    if (pause) {
      await pause;
    }
  }
  return merged;
}
