// Delays bytes and keeps their order, like a longer wire.

export interface DelayLine<T> {
  push(item: T): void;
  /** Drops the items that are still held. */
  clear(): void;
}

/**
 * @param delayMs called for each item, so that it can change while items are on their way. An item never overtakes another.
 * @param deliver called synchronously if there is no delay.
 */
export function createDelayLine<T>(delayMs: () => number, deliver: (item: T) => void): DelayLine<T> {
  const held: { at: number; item: T }[] = [];
  let timer: NodeJS.Timeout | undefined;

  function release() {
    timer = undefined;
    const now = performance.now();
    // By this clock, timers fire up to a millisecond early. So an item that close is due.
    while (held.length > 0 && (held[0] as { at: number }).at <= now + 0.5) deliver((held.shift() as { item: T }).item);
    arm();
  }

  function arm() {
    if (timer !== undefined || held.length === 0) return;
    timer = setTimeout(release, Math.max(0, (held[0] as { at: number }).at - performance.now()));
  }

  return {
    push(item) {
      const delay = delayMs();
      if (delay <= 0 && held.length === 0) return deliver(item);
      const last = held.at(-1)?.at ?? 0;
      held.push({ at: Math.max(performance.now() + delay, last), item });
      arm();
    },
    clear() {
      clearTimeout(timer);
      timer = undefined;
      held.length = 0;
    },
  };
}
