// Checks the ways into the Region's database: secret, endpoints, TLS, log-in, role. It tries each endpoint separately, as
// DB-processing opens its sessions.
import type { CredentialSource } from '../shared/database-credentials.ts';
import { createSessionOpener, type DatabaseAddress, type Session } from '../shared/mysql.ts';
import { closedCodes, notForwardedErrors, serverError, unresolvedCodes } from '../shared/mysql-errors.ts';
import { examineCertificates } from './examine-certificates.ts';
import { type Finding, fine, unknown, wrong } from './finding.ts';

/** The error of opening a session: the server's number, or the code of the driver or the system. */
interface Failure {
  message: string;
  errno: number;
  code: string;
}

const isInactive = ({ code }: Failure) => unresolvedCodes.has(code) || closedCodes.has(code);
/** Only a server sends numbers, and only after TLS. */
const isServers = ({ errno }: Failure) => errno > 0;

const loginRefused = new Map<number, string>([
  [
    serverError.loginRefused,
    'Invoke Migrate in the primary Region: it brings user and password of the secret to the database.',
  ],
  [
    serverError.databaseDenied,
    'Invoke Migrate in the primary Region: it grants the user what it needs on the database.',
  ],
  [
    serverError.unknownDatabase,
    'Compare the parameter DatabaseName with the cluster; Migrate does not create the database.',
  ],
]);

/** @returns a session at the endpoint that DB-processing would use, or none if none opens. The caller closes it. */
export async function examineEntrances(
  address: DatabaseAddress,
  credentials: CredentialSource,
): Promise<{ findings: Finding[]; session: Session | undefined }> {
  try {
    await credentials.read();
  } catch (error) {
    const advice = 'Compare the parameter DatabaseSecretId, and see whether the function reaches Secrets Manager.';
    return { findings: [wrong('secret', (error as Error).message, advice)], session: undefined };
  }
  const enter = async (endpoint: string): Promise<Session | Failure> => {
    try {
      return await createSessionOpener(
        { ...address, writerEndpoint: endpoint, readerEndpoint: endpoint },
        credentials,
      )();
    } catch (error) {
      const { errno = 0, code = '' } = ((error as Error).cause ?? {}) as Partial<Failure>;
      return { message: (error as Error).message, errno, code };
    }
  };
  const [writer, reader] = await Promise.all([enter(address.writerEndpoint), enter(address.readerEndpoint)]);
  const [session, other] = [writer, reader].filter((one) => 'role' in one);
  await other?.close();

  const findings = [fine('secret', 'readable'), examineCertificates(address.caPem)];
  // In a secondary Region, the writer endpoint is inactive. Then nobody can tell a wrong endpoint from a right one.
  if ('code' in writer && isInactive(writer) && session?.role === 'secondary') {
    findings.push(fine('writer endpoint', `inactive (${writer.code}), as it is in a secondary Region`));
  } else findings.push(endpointFinding('writer endpoint', 'DatabaseWriterEndpoint', writer));
  findings.push(endpointFinding('reader endpoint', 'DatabaseReaderEndpoint', reader));

  const refusal = [writer, reader].find((one): one is Failure => 'code' in one && isServers(one));
  const advice = loginRefused.get(refusal?.errno ?? 0);
  if (session) findings.push(fine('log-in', 'accepted'));
  else if (refusal && advice) findings.push(wrong('log-in', refusal.message, advice));
  else findings.push(unknown('log-in', refusal?.message ?? 'no endpoint answers'));
  if (refusal && notForwardedErrors.has(refusal.errno)) {
    findings.push(wrong('write forwarding', refusal.message, forwardingAdvice));
  }
  findings.push(session ? fine('role', session.role) : unknown('role', 'no session'));
  return { findings, session };
}

export const forwardingAdvice =
  'Turn on global write forwarding for this cluster (EnableGlobalWriteForwarding). In a primary Region: the writer endpoint is wrong.';

function endpointFinding(what: string, parameter: string, entrance: Session | Failure): Finding {
  if ('role' in entrance) return fine(what, 'answers, certificate verified');
  const { message, code } = entrance;
  if (isServers(entrance)) return fine(what, 'answers, certificate verified');
  if (unresolvedCodes.has(code)) {
    return wrong(
      what,
      message,
      `Its name does not resolve: compare the parameter ${parameter} with the cluster's endpoints.`,
    );
  }
  if (closedCodes.has(code)) {
    const advice = `Compare ${parameter} and DatabasePort with the cluster, and see whether its security group admits the functions'.`;
    return wrong(what, message, advice);
  }
  return wrong(
    what,
    message,
    'Its certificate must be of the name in the endpoint, and of Amazon for RDS or DatabaseCaPem.',
  );
}
