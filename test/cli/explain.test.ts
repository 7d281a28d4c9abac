import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import type { Deps } from '../../src/cli/deps.js';
import { registerExplain } from '../../src/commands/explain/command.js';
import { CHAPTER_NAMES } from '../../src/commands/explain/reference/entry.js';
import { ERROR_CODE_AREAS } from '../../src/commands/explain/reference/error-codes.js';
import { explainableTerms } from '../../src/commands/explain/reference/reference.js';
import type { ExplainOptions } from '../../src/commands/explain/run.js';
import { runCli, TEST_NOW_MS } from '../support/run-cli.js';
import { runCommand } from '../support/run-command.js';

const explain = (words: string, columns = 80) =>
  runCommand(
    registerExplain,
    ['explain', ...words.split(' ').filter((word) => word !== '')],
    { now: () => TEST_NOW_MS },
    { columns },
  );

describe('explain', () => {
  it('takes terms and --json', async () => {
    let captured: ExplainOptions | undefined;
    const program = new Command();
    registerExplain(
      program,
      {} as Deps,
      () => undefined,
      async (options) => {
        captured = options;
        return 0;
      },
    );
    await program.parseAsync(['explain', 'refund', 'declined', '--json'], { from: 'user' });
    expect(captured).toEqual({ terms: ['refund', 'declined'], json: true });
  });

  it('explains a type, in 80 columns', async () => {
    const { code, stdout, stderr } = await explain('did_renew');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toBe(`DID_RENEW  notification type
A subscription renewed

  no subtype        Subscription renewed
                    The subscription renewed successfully: a new billing period
                    begins.
  BILLING_RECOVERY  Renewed after a billing failure
                    A renewal that had failed was charged successfully: restore
                    access if you revoked it.

  carries  data with signedTransactionInfo and signedRenewalInfo
  since    version 2.0  2021-10
  try      storewire trigger DID_RENEW --print | storewire decode

https://developer.apple.com/documentation/appstoreservernotifications/notificationtype
`);
  });

  it("explains a reason with the statuses of Apple's libraries", async () => {
    const { stdout } = await explain('CHAIN_LENGTH');
    expect(stdout).toContain(`Status in Apple's libraries
  node    INVALID_CERTIFICATE  (6)
  python  INVALID_CHAIN_LENGTH  (4)
  java    INVALID_CHAIN_LENGTH
  swift   INVALID_JWT_FORMAT
`);
  });

  it('explains a status by number, in each library and version', async () => {
    const { stdout } = await explain('node 6');
    expect(stdout).toContain(`Name by library
  node    INVALID_CERTIFICATE since 2.0.0, FAILURE before
  python  INVALID_ENVIRONMENT
  java    INVALID_CHAIN_LENGTH since 4.0.0, INVALID_CHAIN before  (ordinal)
`);
  });

  it('CONSUMPTION_REQUEST: Apple asks again, which is no retry', async () => {
    const { stdout } = await explain('CONSUMPTION_REQUEST');
    const text = stdout.replaceAll(/\s+/g, ' ');
    expect(text).toContain(
      'Apple may ask up to three times, about 8 hours apart, each time with a new notificationUUID',
    );
    expect(text).toContain('not a retry of a failed delivery, so recognise repeats by transactionId');
  });

  it('deviceVerification: a field of everything that a device passes on', async () => {
    const { stdout } = await explain('deviceVerification');
    for (const kind of ['transaction', 'renewalInfo', 'appTransaction']) {
      expect(stdout).toContain(`${kind}.deviceVerification`);
    }
  });

  it('explains a status of verifyReceipt, which no command calls', async () => {
    expect((await explain('21007')).stdout).toBe(`21007  status of verifyReceipt
A sandbox receipt was sent to production
verifyReceipt is deprecated: the Server API answers for a transaction id, and
StoreKit 2 signs tokens.

  hint   Send it to sandbox.itunes.apple.com. App Review buys in the sandbox, so
       ↳ verify with production first.
  retry  not retryable

https://developer.apple.com/documentation/appstorereceipts/status
`);
  });

  it('lists statuses with their numbers in each library', async () => {
    const { stdout } = await explain('statuses');
    expect(stdout).toContain(`                                    node    node  python    java    java  swift
                                  2.0.0+  <2.0.0          4.0.0+  <4.0.0
  OK                                   0       0       0       0       0
`);
    expect(stdout).toContain('  FAILURE                              7       6\n');
  });

  it('lists similar entries, with a note on stderr that none matches exactly', async () => {
    const { code, stdout, stderr } = await explain('family sharing');
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: 'No exact match for "family sharing"; showing the nearest entries.\n',
    });
    expect(stdout).toMatch(/^\d+ entries similar to family sharing\n {2}FAMILY_SHARED {2}/);
  });

  it('exits 1 without a match, and escapes the query', async () => {
    const { code, stdout, stderr } = await explain('\u202exyzzy\u001b[2J');
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toBe('No match for "\\u{202e}xyzzy\\u{1b}[2J". Run storewire explain for the list of chapters.\n');
  });

  it('suggests the nearest terms without a match', async () => {
    const { code, stderr } = await explain('refund xyzzy');
    expect(code).toBe(1);
    expect(stderr).toContain('Nearest: REFUND, ');
  });

  it.each([
    ['', { chapters: CHAPTER_NAMES.map((name) => expect.objectContaining({ name })) }, 0],
    ['reasons', { chapter: 'reasons', about: expect.any(String), entries: expect.any(Array) }, 0],
    [
      '4040010',
      {
        results: [
          {
            query: '4040010',
            match: 'exact',
            entries: [
              {
                chapter: 'errors',
                term: '4040010',
                title: 'TransactionIdNotFound',
                meaning: 'Apple reports that the transaction id was not found.',
                api: 'App Store Server API',
                httpStatus: 404,
                retryable: false,
                exit: 2,
                toolCode: 'ERR_API_TRANSACTION_ID_NOT_FOUND',
                link: 'https://developer.apple.com/documentation/appstoreserverapi/transactionidnotfounderror',
                hint: expect.any(String),
              },
            ],
            suggestions: [],
          },
        ],
      },
      0,
    ],
    ['xyzzy', { results: [{ query: 'xyzzy', match: 'none', entries: [], suggestions: [] }] }, 1],
  ])('%j --json is one document', async (words, document, exit) => {
    const { code, stdout, stderr } = await explain(`${words} --json`);
    expect({ code, stderr }).toEqual({ code: exit, stderr: '' });
    expect(stdout.trimEnd()).not.toContain('\n');
    expect(JSON.parse(stdout)).toEqual(document);
  });

  it('fits 80 columns for every term, but for links, which are left whole', async () => {
    const asked = ['', ...CHAPTER_NAMES, ...explainableTerms().map(({ value }) => value), '1', 'renew'];
    const wide = new Map<string, readonly string[]>();
    for (const words of asked) {
      const { stdout } = await explain(words);
      const lines = stdout
        .split('\n')
        .filter((line) => (line.length > 80 && !line.startsWith('https://')) || line !== line.trimEnd());
      if (lines.length > 0) wide.set(words, lines);
    }
    expect(wide).toEqual(new Map());
  });
});

describe('explain of an error code', () => {
  it('says what failed, the next step and the exit code', async () => {
    const { code, stdout, stderr } = await explain('ERR_HTTP_PROXY');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toBe(`ERR_HTTP_PROXY  error code of storewire
The proxy refused the connection, such as with 407 for a missing user and
password

  hint       Write the user and password in HTTPS_PROXY, or add the host to
           ↳ NO_PROXY.
  exit code  4
  area       Network
`);
  });

  it('is listed by area', async () => {
    const { stdout } = await explain('codes');
    expect(stdout).toMatch(/^Command line\n {2}ERR_USAGE_UNKNOWN_COMMAND {2}/);
    for (const area of ERROR_CODE_AREAS) expect(stdout).toContain(`${area}\n`);
  });

  it('of several kinds has several exit codes', async () => {
    const { stdout } = await explain('ERR_API_REFUSED --json');
    const { results } = JSON.parse(stdout) as { results: { entries: object[] }[] };
    expect(results[0]?.entries).toEqual([
      expect.objectContaining({ chapter: 'codes', term: 'ERR_API_REFUSED', exits: [2, 4], link: null }),
    ]);
  });
});

/** Query, match and entries of an explanation. */
async function explained(text: string): Promise<readonly unknown[]> {
  const { stdout } = await runCli(['explain', text, '--json']);
  const { results } = JSON.parse(stdout) as {
    results: { match: string; entries: { chapter: string; term: string }[] }[];
  };
  return results.map(({ match, entries }) => [match, ...entries.map(({ chapter, term }) => `${chapter} ${term}`)]);
}

describe('explain of a pasted text', () => {
  it.each([
    // Apple's libraries: java, python, node, swift.
    [
      'com.apple.VerificationException: Verification failed with status INVALID_CHAIN_LENGTH',
      'statuses INVALID_CHAIN_LENGTH',
    ],
    ['Verification failed with status VERIFICATION_FAILURE. Expired', 'statuses VERIFICATION_FAILURE'],
    ['<VerificationStatus.INVALID_CHAIN: 5>', 'statuses INVALID_CHAIN'],
    ['VerificationException: status=INVALID_CHAIN', 'statuses INVALID_CHAIN'],
    ['VerificationException [Error]\n  at verifyJWT {\n  status: 6,\n  cause: Error: x\n}', 'statuses 6'],
    ['VerificationException: status: 3', 'statuses 3'],
    ['rejected: VerificationStatus.FAILURE', 'statuses FAILURE'],
    ['invalid(AppStoreServerLibrary.VerificationError.INVALID_JWT_FORMAT)', 'statuses INVALID_JWT_FORMAT'],
    ['APIException{httpStatusCode=404, apiError=TRANSACTION_ID_NOT_FOUND}', 'errors 4040010'],
    ["APIException{httpStatusCode=401, apiError=null, apiErrorMessage='null'}", 'errors 401'],
    ['APIException [Error] { httpStatusCode: 404, apiError: 4040010, errorMessage: null }', 'errors 4040010'],
    ['failure(statusCode: Optional(429), apiError: Optional(APIError.rateLimitExceeded))', 'errors 4290000'],
    ['raise APIException: APIError.RATE_LIMIT_EXCEEDED', 'errors 4290000'],
    ['APIException: (404, 4040008, <APIError.TEST_NOTIFICATION_NOT_FOUND: 4040008>)', 'errors 4040008'],
    ['verification failed with status invalid_chain', 'statuses INVALID_CHAIN'],
    // Bodies and logs.
    ['"sendAttemptResult":"TLS_ISSUE",', 'attempts TLS_ISSUE'],
    ['sendAttemptResult=OTHER', 'attempts OTHER'],
    ['"notificationType":"REFUND"', 'types REFUND'],
    ['{"errorCode":4040010,"errorMessage":"Transaction id not found."}', 'errors 4040010'],
    ['Unauthenticated\n\nRequest ID: ABCDEFG.0.0', 'errors 401'],
    ['GET https://api.storekit.apple.com/inApps/v1/notifications/test: 401', 'errors 401'],
    ['{"errors":[{"status":"409","code":"ENTITY_ERROR.ATTRIBUTE.INVALID"}]}', 'errors ENTITY_ERROR'],
    ['{"status":21004}', 'errors 21004'],
    ['verifyReceipt failed with 21003', 'errors 21003'],
    ['receipt validation failed with status code 21199', 'errors 21100-21199'],
    ['my endpoint failed with UNTRUSTED_ROOT today', 'reasons UNTRUSTED_ROOT'],
    // Our own output.
    ['failed at check chain.markers of the outer token', 'checks chain.markers'],
    ['  WARN  dns.ipv4  IPv4  no A record', 'checks dns.ipv4'],
    ['2026-03-04T05:06:07Z \u001b[31mERR_HTTP_PROXY\u001b[39m: refused', 'codes ERR_HTTP_PROXY'],
    ['[31mERR_HTTP_PROXY[0m: the log viewer removed the escapes', 'codes ERR_HTTP_PROXY'],
    ['{"error":{"kind":"auth","code":"ERR_KEY_NOT_SET","message":"x"}}', 'codes ERR_KEY_NOT_SET'],
  ])('%s', async (text, entry) => {
    expect(await explained(text)).toEqual([['exact', entry]]);
  });

  it.each([
    ["JWSSignatureVerificationFailed { code: 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED' }", 'reasons SIGNATURE_MISMATCH'],
    ['JsonWebTokenError: jwt malformed', 'reasons MALFORMED_JWS'],
    ['JOSEAlgNotAllowed: "alg" (Algorithm) Header Parameter value not allowed', 'reasons UNSUPPORTED_ALGORITHM'],
  ])('%s of a JWT library is similar to a reason', async (text, entry) => {
    expect(await explained(text)).toEqual([['similar', entry]]);
  });

  it.each([
    'exit status 1',
    'status 200 after 21004 ms',
    'receipt read, 21050 bytes',
    'Error: Process completed with exit code 1.',
    'HTTP/1.1 401 Unauthorized',
    '{"message":"Unauthenticated."}',
    'rpc error: code = Unknown desc = NOT_FOUND',
    "axios http.get('https://example.com/a') failed",
    '{"level":"error","message":"login of user failed","status":500}',
    'Error [ERR_TLS_CERT_ALTNAME_INVALID]: Host is not in the altnames',
    'JWTExpired: "exp" claim timestamp check failed',
  ])('%s has no explanation here', async (text) => {
    expect(await explained(text)).toEqual([['none']]);
  });

  it('a bare status may be one of a subscription or of a library', async () => {
    expect(await explained('"status": 3')).toEqual([['exact', 'values status 3', 'statuses 3']]);
  });
});
