import type { DeliveryRecord } from '../../journal/record.js';
import type { Delivery, PayloadDocument } from '../../notification/document.js';
import type { Planned, Sent } from '../replay/outcome.js';
import { toJsonLine } from './json.js';

/** The document with the deliveries of this run; `withheld` where a target did not get it though its filter would let it. */
export function sentToJson({ document, deliveries, withheld }: Sent): string {
  return toJsonLine({ ...document(), deliveries: deliveries.map(toDelivery), ...withheldOf(withheld) });
}

/** The document with the names of the targets it would go to. */
export function plannedToJson({ send, withheld }: Planned, document: PayloadDocument): string {
  const targets = send.map(({ name }) => name);
  return toJsonLine({ ...document, deliveries: [], targets, ...withheldOf(withheld) });
}

export function toDelivery({ target, attempt, httpStatus, ms, outcome }: DeliveryRecord): Delivery {
  return { target, attempt, httpStatus, ms, outcome };
}

function withheldOf(withheld: Planned['withheld']): object {
  return withheld.length === 0 ? {} : { withheld };
}
