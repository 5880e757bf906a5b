import { describe, expect, it } from '@jest/globals';
import { judgeSource } from '../../../functions/postprocess/judge-source.ts';
import { makeChunkResult, makeSource } from '../../support/sources.ts';

const source = makeSource();
const cause = (errorMessage: string) => JSON.stringify({ errorType: 'E', errorMessage, trace: ['at secret.ts:1'] });

describe('judging how a source ended', () => {
  it('completes a source whose chunks add up', () => {
    expect(judgeSource({ source, chunkResults: [makeChunkResult()] }, 50)).toMatchObject({ outcome: 'completed' });
  });

  it('never completes one whose chunks do not, and does not give it up either', () => {
    const verdict = judgeSource({ source, chunkResults: [makeChunkResult({ ownedTo: 99 })] }, 50);
    expect(verdict).toMatchObject({ outcome: 'pending', errorName: 'AccountingError' });
    expect(judgeSource({ source }, 50)).toMatchObject({ outcome: 'pending', errorName: 'AccountingError' });
  });

  it.each(['InvalidInputError', 'SourceChangedError'])('fails a source after %s', (name) => {
    expect(judgeSource({ source, error: { Error: name } }, 50)).toMatchObject({ outcome: 'failed', errorName: name });
  });

  it.each(['TransientDatabaseError', 'ConfigurationError', 'States.Timeout', 'Sandbox.Timedout', 'Runtime.ExitError'])(
    'leaves a source pending after %s',
    (name) => {
      expect(judgeSource({ source, error: { Error: name } }, 50)).toMatchObject({
        outcome: 'pending',
        errorName: name,
      });
    },
  );

  it('goes by the error, even if there are chunk results too', () => {
    const end = { source, chunkResults: [makeChunkResult()], error: { Error: 'States.Timeout' } };
    expect(judgeSource(end, 50)).toMatchObject({ outcome: 'pending' });
  });

  it('keeps the message of a Lambda error, without its trace, and cuts what is long', () => {
    const judge = (Cause: string) => judgeSource({ source, error: { Error: 'States.Timeout', Cause } }, 50);
    expect(judge(cause('gone'))).toMatchObject({ message: 'gone' });
    expect(judge('a sentence of Step Functions')).toMatchObject({ message: 'a sentence of Step Functions' });
    expect(judge('null')).toMatchObject({ message: 'null' });
    expect(judge(cause('x'.repeat(9_000)))).toMatchObject({ message: `${'x'.repeat(500)}…` });
  });
});
