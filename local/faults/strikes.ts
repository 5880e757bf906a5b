// Faults that wait for what they strike: the next request, the third INSERT from now.

export interface Strike<Kind extends string = string> {
  kind: Kind;
  /** Occasions that pass before it strikes. */
  skip: number;
  /** Occasions that it strikes then. */
  times: number;
}

export interface Strikes<Fault extends Strike> {
  arm(fault: Fault): void;
  /** The fault that strikes now, if any; an occasion counts for the first fault that it fits. */
  take(fits: (fault: Fault) => boolean): Fault | undefined;
  /** What has not struck, or not as often as it was to. */
  clear(): Fault[];
}

export function createStrikes<Fault extends Strike>(): Strikes<Fault> {
  let armed: Fault[] = [];
  return {
    arm: (fault) => void armed.push({ ...fault }),
    take(fits) {
      const fault = armed.find(fits);
      if (!fault) return undefined;
      if (fault.skip > 0) {
        fault.skip -= 1;
        return undefined;
      }
      fault.times -= 1;
      if (fault.times <= 0) armed = armed.filter((one) => one !== fault);
      return fault;
    },
    clear() {
      const left = armed;
      armed = [];
      return left;
    },
  };
}
