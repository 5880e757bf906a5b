// Holds faults that wait for their occasion, such as the next request or the third INSERT from now.

export interface Strike<Kind extends string = string> {
  kind: Kind;
  /** Number of occasions to skip before it strikes. */
  skip: number;
  /** Number of occasions that it then strikes. */
  times: number;
}

export interface Strikes<Fault extends Strike> {
  arm(fault: Fault): void;
  /** The fault that strikes now, if any. An occasion counts for the first matching fault. */
  take(fits: (fault: Fault) => boolean): Fault | undefined;
  /** Faults that have not struck, or not often enough. */
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
