// The Pipe gathers the queue's records into batches, and hands each batch on once.

export interface Pipe<Item> {
  put(item: Item): void;
  /** Records that no batch has taken yet. */
  waiting(): number;
  /** Hands on the waiting records now. */
  flush(): void;
  /** Drops the waiting records. */
  stop(): void;
}

/**
 * A batch goes when it is full, or when its first record has waited for the window. Without a window, it goes in the next turn of the
 * event loop. Its target does not wait for the execution (FIRE_AND_FORGET), so the queue's visibility never matters.
 */
export function createPipe<Item>(
  { batchSize, windowMs }: { batchSize: number; windowMs: number },
  deliver: (batch: Item[]) => void,
): Pipe<Item> {
  let items: Item[] = [];
  let timer: NodeJS.Timeout | undefined;
  const flush = () => {
    clearTimeout(timer);
    timer = undefined;
    while (items.length > 0) deliver(items.splice(0, batchSize));
  };
  return {
    put: (item) => {
      items.push(item);
      if (items.length >= batchSize) flush();
      else timer ??= setTimeout(flush, windowMs);
    },
    waiting: () => items.length,
    flush,
    stop: () => {
      clearTimeout(timer);
      items = [];
    },
  };
}
