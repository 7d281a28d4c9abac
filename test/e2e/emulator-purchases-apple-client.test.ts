import {
  AccountTenure,
  APIError,
  APIException,
  ConsumptionStatus,
  DeliveryStatus,
  DeliveryStatusV1,
  Environment,
  GetTransactionHistoryVersion,
  InAppOwnershipType,
  LifetimeDollarsPurchased,
  LifetimeDollarsRefunded,
  Order,
  OrderLookupStatus,
  Platform,
  PlayTime,
  ProductType,
  RefundPreference,
  SignedDataVerifier,
  Status,
  UserStatus,
} from '@apple/app-store-server-library';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { orderIdOf } from '../../src/emulator/store/order-id.js';
import { type RunningEmulator, startEmulator } from '../../src/testing.js';
import { RedirectedClient } from '../support/apple-client.js';
import { startTestEndpoint, type TestEndpoint } from '../support/emulator.js';

let emulator: RunningEmulator;
let endpoint: TestEndpoint;
beforeAll(async () => {
  endpoint = await startTestEndpoint();
  emulator = await startEmulator({ sandboxUrl: endpoint.url, productionUrl: endpoint.url });
});
afterAll(async () => {
  await emulator.close();
  await endpoint.close();
});

const V2 = GetTransactionHistoryVersion.V2;

const ENVIRONMENTS = [
  [Environment.SANDBOX, 'Sandbox'],
  [Environment.PRODUCTION, 'Production'],
] as const;

function verifier(environment: Environment): SignedDataVerifier {
  const root = Buffer.from(emulator.rootPem.replaceAll(/-----.*-----|\s/g, ''), 'base64');
  return new SignedDataVerifier([root], true, environment, emulator.bundleId, emulator.appAppleId);
}

/** Plays a scenario; the decoded transaction of each notification, by Apple's verifier. */
async function play(scenario: string, environment: 'Sandbox' | 'Production') {
  const checking = verifier(environment as Environment);
  const views = await emulator.play(scenario, { environment });
  return Promise.all(
    views.map(async ({ signedPayload }) => {
      const { data } = await checking.verifyAndDecodeNotification(signedPayload);
      return {
        status: data!.status,
        transaction: await checking.verifyAndDecodeTransaction(data!.signedTransactionInfo!),
      };
    }),
  );
}

describe.each(ENVIRONMENTS)("Apple's client in %s, after a refund", (environment, name) => {
  it('says the same as the notifications', async () => {
    const client = new RedirectedClient(emulator, environment);
    const checking = verifier(environment);
    const { transaction: refunded, status } = (await play('refund', name)).at(-1)!;
    const id = refunded.transactionId!;

    const statuses = await client.getAllSubscriptionStatuses(id);
    expect(statuses).toMatchObject({ environment: name, bundleId: emulator.bundleId });
    expect(statuses.appAppleId).toBe(name === 'Sandbox' ? undefined : emulator.appAppleId);
    const last = statuses.data![0]!.lastTransactions![0]!;
    expect([last.status, last.originalTransactionId]).toEqual([Status.REVOKED, refunded.originalTransactionId]);
    expect(last.status).toBe(status);
    expect((await checking.verifyAndDecodeRenewalInfo(last.signedRenewalInfo!)).autoRenewStatus).toBe(0);

    const info = await client.getTransactionInfo(id);
    const signed = await checking.verifyAndDecodeTransaction(info.signedTransactionInfo!);
    expect(signed).toEqual({ ...refunded, signedDate: expect.any(Number) });
    expect(signed.revocationDate).toEqual(expect.any(Number));

    const filters = {
      startDate: refunded.purchaseDate!,
      endDate: refunded.purchaseDate! + 1,
      productIds: [refunded.productId!],
      productTypes: [ProductType.AUTO_RENEWABLE],
      sort: Order.DESCENDING,
      subscriptionGroupIdentifiers: [refunded.subscriptionGroupIdentifier!],
      inAppOwnershipType: InAppOwnershipType.PURCHASED,
      revoked: true,
    };
    const history = await client.getTransactionHistory(id, null, filters, V2);
    expect(history).toMatchObject({ hasMore: false, environment: name, signedTransactions: [expect.any(String)] });
    const found = await checking.verifyAndDecodeTransaction(history.signedTransactions![0]!);
    expect(found.transactionId).toBe(id);

    const refunds = await client.getRefundHistory(id, null);
    expect(refunds).toMatchObject({ hasMore: false, revision: expect.any(String) });
    const refund = await checking.verifyAndDecodeTransaction(refunds.signedTransactions![0]!);
    expect(refund.revocationDate).toBe(refunded.revocationDate);
    expect((await client.getRefundHistory(id, refunds.revision!)).signedTransactions).toEqual([]);
  });
});

describe("Apple's client", () => {
  it('pages a history', async () => {
    const client = new RedirectedClient(emulator, Environment.SANDBOX);
    const set = { 'transaction.appTransactionId': '700000000000000042' };
    for (let count = 0; count < 41; count += 1) await emulator.send({ type: 'ONE_TIME_CHARGE', set });
    const sizes: number[] = [];
    let revision: string | null = null;
    for (let hasMore = true; hasMore; ) {
      const page = await client.getTransactionHistory('700000000000000042', revision, {}, V2);
      sizes.push(page.signedTransactions!.length);
      revision = page.revision!;
      hasMore = page.hasMore!;
    }
    expect(sizes).toEqual([20, 20, 1]);
  });

  it('looks up an order in production', async () => {
    const client = new RedirectedClient(emulator, Environment.PRODUCTION);
    const { transaction } = (await play('one-time-charge', 'Production'))[0]!;
    const { status, signedTransactions } = await client.lookUpOrderId(orderIdOf(transaction.transactionId!));
    expect(status).toBe(OrderLookupStatus.VALID);
    const { transactionId } = await verifier(Environment.PRODUCTION).verifyAndDecodeTransaction(
      signedTransactions![0]!,
    );
    expect(transactionId).toBe(transaction.transactionId);
    expect(await client.lookUpOrderId('MK5TTTVWJH')).toEqual({ status: OrderLookupStatus.INVALID });
  });

  it('answers a CONSUMPTION_REQUEST, in both versions', async () => {
    const client = new RedirectedClient(emulator, Environment.SANDBOX);
    const [, requested] = await play('consumption-request', 'Sandbox');
    const id = requested!.transaction.transactionId!;
    await client.sendConsumptionInformation(id, {
      customerConsented: true,
      consumptionPercentage: 50_000,
      deliveryStatus: DeliveryStatus.DELIVERED,
      refundPreference: RefundPreference.GRANT_PRORATED,
      sampleContentProvided: false,
    });
    await client.sendConsumptionData(id, {
      customerConsented: true,
      consumptionStatus: ConsumptionStatus.NOT_CONSUMED,
      platform: Platform.APPLE,
      sampleContentProvided: false,
      deliveryStatus: DeliveryStatusV1.DELIVERED_AND_WORKING_PROPERLY,
      appAccountToken: '',
      accountTenure: AccountTenure.UNDECLARED,
      playTime: PlayTime.UNDECLARED,
      lifetimeDollarsRefunded: LifetimeDollarsRefunded.UNDECLARED,
      lifetimeDollarsPurchased: LifetimeDollarsPurchased.UNDECLARED,
      userStatus: UserStatus.ACTIVE,
    });
    const { answers } = emulator.state().consumption;
    expect(answers.map(({ transactionId, version }) => [transactionId, version])).toEqual([
      [id, 2],
      [id, 1],
    ]);
    expect(emulator.calls().slice(-2)).toMatchObject([
      { method: 'PUT', status: 202, userAgent: 'app-store-server-library/node/3.1.0' },
      { method: 'PUT', status: 202 },
    ]);
    const refused = client.sendConsumptionInformation(id, {
      customerConsented: false,
      deliveryStatus: DeliveryStatus.DELIVERED,
      sampleContentProvided: false,
    });
    await expect(refused).rejects.toMatchObject({ httpStatusCode: 400, apiError: APIError.INVALID_CUSTOMER_CONSENTED });
  });

  it('reads the error of an id of the other environment', async () => {
    const { transaction } = (await play('one-time-charge', 'Sandbox'))[0]!;
    const asked = new RedirectedClient(emulator, Environment.PRODUCTION).getTransactionInfo(transaction.transactionId!);
    const error = await asked.catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(APIException);
    expect(error).toMatchObject({
      httpStatusCode: 404,
      apiError: APIError.TRANSACTION_ID_NOT_FOUND,
      errorMessage: 'Transaction id not found.',
    });
  });
});
