import type { CheckReport } from '../../../src/commands/check/model.js';
import type { CheckedStep } from '../../../src/endpoint-check/step.js';
import { makeStep } from '../../../src/endpoint-check/step.js';

/** Content of a hostile response. */
export const NASTY =
  'x\u001b[31m\u202e\n::error::a%0A|`<b>&"\' ##[error]y @team #1 https://evil.example/ www.evil.example $x$ [a](b)';

const URL = 'https://example.com/apple';

/** One step of each kind, the failing one quoting the endpoint. */
export const STEPS: readonly CheckedStep[] = [
  { ...makeStep('url.port', 'port', { status: 'pass', seen: '443' }), url: URL },
  {
    ...makeStep('tls.chain', 'certificate chain', {
      status: 'fail',
      seen: NASTY,
      expected: 'the whole chain',
      sendAttemptResult: 'TLS_ISSUE',
      hint: 'Serve fullchain.pem.',
    }),
    url: URL,
  },
  { ...makeStep('tls.key', 'key', { status: 'skip', seen: 'depends on tls.chain' }), url: URL },
  { ...makeStep('tls.sni', 'name', { status: 'skip', seen: 'depends on tls.chain' }), url: URL },
  { ...makeStep('http.time', 'response time', { status: 'warn', seen: '1,200 ms', hint: 'Answer first.' }), url: URL },
  {
    ...makeStep('test.sandbox', 'sandbox TEST', { status: 'skip', seen: 'no result yet', hint: 'Ask again.' }),
    url: null,
    error: { kind: 'pending', code: 'ERR_CHECK_PENDING', message: 'no result yet' },
    ms: 1_500,
  },
];

const TIMES = { startedAtMs: Date.UTC(2026, 10, 1), elapsedMs: 2_750, groupMs: new Map([[0, 250]]) };

export const REPORT: CheckReport = { url: URL, verdict: 'fail', steps: STEPS, times: TIMES };
