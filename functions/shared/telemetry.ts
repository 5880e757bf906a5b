// Logs and metrics. An error is logged at one place only: the handler's boundary.
import { Logger } from '@aws-lambda-powertools/logger';
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { Metrics } from '@aws-lambda-powertools/metrics';
import { logMetrics } from '@aws-lambda-powertools/metrics/middleware';
import middy from '@middy/core';
import type { Context } from 'aws-lambda';

/** Structured JSON log of one function; service name and level come from the POWERTOOLS_ variables. */
export const logger = new Logger();

/** The logger of core functions: a sentence and values. Never log review text or a credential. */
export type Log = Record<'info' | 'warn' | 'error', (sentence: string, values: Record<string, unknown>) => void>;

/** Embedded metrics of one function; the namespace comes from POWERTOOLS_METRICS_NAMESPACE. What it warns of is a log line like any other. */
export const metrics = new Metrics({ logger });

/** Wraps a handler: Lambda context on each log line, metrics flushed at the end, an error logged once and passed on. */
export const withTelemetry = <Result>(handle: (payload: unknown, context: Context) => Promise<Result>) =>
  middy<unknown, Result>()
    .use(injectLambdaContext(logger, { resetKeys: true }))
    .use(logMetrics(metrics))
    .onError(({ error }) => {
      logger.error('invocation failed', error as Error);
    })
    .handler(handle);
