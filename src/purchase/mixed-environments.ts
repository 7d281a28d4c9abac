import { shorten } from '../terminal/escape.js';
import type { PurchaseFinding, PurchaseTimeline } from './purchase.js';

/** Findings for each purchase whose ids or account also occur in another environment. In the order of the purchases. */
export function environmentFindings(purchases: readonly PurchaseTimeline[]): readonly (readonly PurchaseFinding[])[] {
  const byId = environmentsBy(purchases, ({ id }) => id);
  const byAccount = environmentsBy(purchases, accountOf);
  return purchases.map((purchase) => {
    const { id, environment, events } = purchase;
    const account = accountOf(purchase);
    const other = otherThan(environment, byId.get(id));
    const accountOther = account === null ? null : otherThan(environment, byAccount.get(account));
    const found = other ?? accountOther;
    if (found === null) return [];
    const what = other === null ? 'Its appAccountToken' : 'Its id';
    return [
      {
        id: 'mixed-environments',
        message: `${what} also occurs in ${shorten(found)}; this purchase is of ${shorten(environment ?? 'an unknown environment')}`,
        hint: 'Keep the purchases of Sandbox and Production apart',
        events: events.slice(0, 1).map(({ index }) => index),
      },
    ];
  });
}

/** No account: the UUID of zeros. */
const NO_ACCOUNT = /^[0-]*$/;

function accountOf({ appAccountToken }: PurchaseTimeline): string | null {
  return appAccountToken === null || NO_ACCOUNT.test(appAccountToken) ? null : appAccountToken.toLowerCase();
}

function environmentsBy(
  purchases: readonly PurchaseTimeline[],
  read: (purchase: PurchaseTimeline) => string | null,
): ReadonlyMap<string, ReadonlySet<string | null>> {
  const found = new Map<string, Set<string | null>>();
  for (const purchase of purchases) {
    const key = read(purchase);
    if (key === null) continue;
    const known = found.get(key);
    if (known === undefined) found.set(key, new Set([purchase.environment]));
    else known.add(purchase.environment);
  }
  return found;
}

function otherThan(environment: string | null, environments: ReadonlySet<string | null> | undefined): string | null {
  for (const each of environments ?? []) if (each !== null && each !== environment) return each;
  return null;
}
