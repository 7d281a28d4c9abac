import type { View } from '../../terminal/layout.js';
import type { CustomerPurchases } from './read-purchases.js';

export function describePurchases(
  _found: CustomerPurchases,
  _flags: { readonly verbose: boolean },
  _view: View,
): string {
  return '';
}
