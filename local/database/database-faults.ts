// Faults of a global database: at its proxies, in its servers, and between them.
import type { Connection, RowDataPacket } from 'mysql2/promise';
import type { FrontFault, OnStruck } from './front/faults.ts';
import type { Side } from './switchover.ts';

/** What can go wrong with a global database, at will. */
export interface DatabaseFaults {
  /** At a Region's endpoints. See front/faults.ts. */
  arm(region: string, fault: FrontFault): Promise<void>;
  onStruck(listener: (region: string, ...struck: Parameters<OnStruck>) => void): void;
  /** Ends one of the application's sessions. `choose` gets their number. @returns whether there was one. */
  killSession(choose: (count: number) => number): Promise<boolean>;
  /** Stops replication until healed. */
  stopReplication(): Promise<void>;
  /** Gives the application's user another password, as a rotation does. `users.application` then has it. */
  rotatePassword(password: string): Promise<void>;
  /** Ends all of these faults, but keeps the password. */
  heal(): Promise<void>;
}

export interface Faulty {
  sides: readonly Side[];
  primary: () => Side;
  replica: () => Side;
  /** Lets the fronts know the application's password. */
  setPassword: (password: string) => Promise<void>;
}

export function databaseFaults({ sides, primary, replica, setPassword }: Faulty): DatabaseFaults {
  let stoppedOn: Connection | undefined;
  return {
    async arm(region, fault) {
      await sides.find((side) => side.region === region)?.front.arm(fault);
    },
    onStruck(listener) {
      for (const { region, front } of sides) front.onStruck((...struck) => listener(region, ...struck));
    },
    async killSession(choose) {
      const sessions: [Connection, number][] = [];
      for (const { root } of sides) {
        const [rows] = await root.query<RowDataPacket[]>(
          "SELECT ID AS id FROM performance_schema.processlist WHERE USER = 'application'",
        );
        for (const { id } of rows) sessions.push([root, Number(id)]);
      }
      const chosen = sessions[choose(sessions.length)];
      // 1094: the session has ended meanwhile.
      if (chosen === undefined) return false;
      const [root, id] = chosen;
      return root.query(`KILL ${id}`).then(
        () => true,
        () => false,
      );
    },
    async stopReplication() {
      stoppedOn = replica().root;
      await stoppedOn.query('STOP REPLICA SQL_THREAD');
    },
    async rotatePassword(password) {
      await primary().root.query("ALTER USER 'application'@'%' IDENTIFIED BY ?", [password]);
      await setPassword(password);
    },
    async heal() {
      await Promise.all(sides.map(({ front }) => front.heal()));
      if (stoppedOn !== undefined && stoppedOn === replica().root) await stoppedOn.query('START REPLICA SQL_THREAD');
      stoppedOn = undefined;
    },
  };
}
