import {
  APIException,
  type AppStoreServerAPIClient,
  Environment,
  SignedDataVerifier,
} from '@apple/app-store-server-library';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RedirectedClient } from '../support/apple-client.js';
import { startTestEmulator, startTestEndpoint, type TestEmulator, type TestEndpoint } from '../support/emulator.js';

const NOTIFICATIONS = 60;
/** One for the leaf and one for the intermediate: the verifier keeps what it learnt of a chain. */
const OCSP_REQUESTS = 2;
const TYPES = ['DID_RENEW', 'REFUND', 'ONE_TIME_CHARGE', 'EXTERNAL_PURCHASE_TOKEN.UNREPORTED', 'RESCIND_CONSENT'];

let running: TestEmulator;
let endpoint: TestEndpoint;
let client: AppStoreServerAPIClient;
beforeAll(async () => {
  endpoint = await startTestEndpoint();
  running = await startTestEmulator({ sandboxUrl: endpoint.url, productionUrl: endpoint.url });
  client = new RedirectedClient(running.emulator, Environment.SANDBOX);
});
afterAll(async () => {
  await running.close();
  await endpoint.close();
});

/** Waits for the answer that is not an error of "not yet". */
async function statusOf(token: string, from: AppStoreServerAPIClient) {
  for (;;) {
    try {
      return await from.getTestNotificationStatus(token);
    } catch (error) {
      if (!(error instanceof APIException && error.apiError === 4040008)) throw error;
    }
  }
}

function verifier(online: boolean, environment: Environment): SignedDataVerifier {
  const { bundleId, appAppleId } = running.emulator;
  return new SignedDataVerifier([running.authority.root.raw], online, environment, bundleId, appAppleId);
}

describe.each([Environment.SANDBOX, Environment.PRODUCTION])("Apple's client in %s", (environment) => {
  it('requests a TEST, reads its status, and its verifier accepts it', async () => {
    const asking = new RedirectedClient(running.emulator, environment);
    const { testNotificationToken } = await asking.requestTestNotification();
    const { signedPayload, sendAttempts } = await statusOf(testNotificationToken!, asking);
    expect(sendAttempts).toMatchObject([{ sendAttemptResult: 'SUCCESS' }]);
    expect(endpoint.bodies).toContain(JSON.stringify({ signedPayload }));
    const offline = await verifier(false, environment).verifyAndDecodeNotification(signedPayload!);
    const online = await verifier(true, environment).verifyAndDecodeNotification(signedPayload!);
    expect(online).toEqual(offline);
    expect(offline).toMatchObject({ notificationType: 'TEST', data: { environment } });
  });
});

describe("Apple's client", () => {
  it(`pages ${NOTIFICATIONS} notifications of history, and its verifier accepts each, offline and online`, async () => {
    const startDate = Date.now();
    const sent: string[] = [];
    for (let count = 0; count < NOTIFICATIONS; count++) {
      const [type = '', subtype = null] = TYPES[count % TYPES.length]!.split('.');
      const view = await running.emulator.send({ type, subtype });
      sent.push(view.signedPayload);
    }
    const seen: string[] = [];
    const pages: number[] = [];
    const request = { startDate, endDate: Date.now() + 1_000 };
    let paginationToken: string | null = null;
    do {
      const page = await client.getNotificationHistory(paginationToken, request);
      const items = page.notificationHistory ?? [];
      pages.push(items.length);
      seen.push(...items.map((item) => item.signedPayload!));
      paginationToken = page.hasMore ? page.paginationToken! : null;
    } while (paginationToken !== null);
    expect(pages).toEqual([20, 20, 20]);
    expect(seen).toEqual(sent);
    const asked = (): number =>
      running.events.filter((event) => event.event === 'request' && event.api === 'ocsp').length;
    const before = asked();
    await acceptAll(seen, false);
    expect(asked()).toBe(before);
    await acceptAll(seen, true);
    expect(asked()).toBe(before + OCSP_REQUESTS);
  });

  it('reads the error code where no token fits', async () => {
    const asked = client.getTestNotificationStatus('00000000-0000-4000-8000-000000000000_1795176000000');
    await expect(asked).rejects.toMatchObject({ httpStatusCode: 404, apiError: 4040008 });
  });

  it('is refused with 401 for another bundle id', async () => {
    const stranger = new RedirectedClient(running.emulator, Environment.SANDBOX, 'com.example.other');
    await expect(stranger.requestTestNotification()).rejects.toMatchObject({ httpStatusCode: 401 });
  });
});

async function acceptAll(payloads: readonly string[], online: boolean): Promise<void> {
  const apple = verifier(online, Environment.SANDBOX);
  for (const payload of payloads) {
    const { data, appData } = await apple.verifyAndDecodeNotification(payload);
    if (data?.signedTransactionInfo) await apple.verifyAndDecodeTransaction(data.signedTransactionInfo);
    if (data?.signedRenewalInfo) await apple.verifyAndDecodeRenewalInfo(data.signedRenewalInfo);
    if (appData?.signedAppTransactionInfo) await apple.verifyAndDecodeAppTransaction(appData.signedAppTransactionInfo);
  }
}
