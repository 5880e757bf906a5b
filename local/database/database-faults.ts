// Faults of a global database: at its fronts, in its servers, between them.
import type { Connection, RowDataPacket } from 'mysql2/promise';
import type { DatabaseFaults } from './global-database.ts';
import type { Side } from './switchover.ts';

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
      // It may have ended by itself meanwhile: 1094.
      return (
        chosen !== undefined &&
        chosen[0].query(`KILL ${chosen[1]}`).then(
          () => true,
          () => false,
        )
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
