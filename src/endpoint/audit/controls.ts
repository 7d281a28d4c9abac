import { signNotification } from '../../simulator/sign-payload.js';
import { JSON_TYPE, type Post, postOf } from './forgery.js';
import type { Control } from './report.js';
import type { Workshop } from './workshop.js';

/** Something whose right answer is known, sent before any forgery. */
export interface ControlPlan extends Pick<Control, 'id' | 'kind' | 'title'> {
  readonly make: (workshop: Workshop) => Post;
}

const NOBODYS = { notificationUUID: null, originalTransactionId: null };

/** What nobody can take for a notification: an endpoint that answers it 2xx answers before it checks. */
export const RUBBISH: readonly ControlPlan[] = [
  {
    id: 'control.not-json',
    kind: 'rubbish',
    title: 'a body that is not JSON',
    make: () => ({ body: 'storewire audit: this is not JSON', contentType: JSON_TYPE, ...NOBODYS }),
  },
  {
    id: 'control.no-token',
    kind: 'rubbish',
    title: 'JSON without a signedPayload',
    make: () => ({ body: '{"storewire":"audit"}', contentType: JSON_TYPE, ...NOBODYS }),
  },
  {
    id: 'control.garbage-token',
    kind: 'rubbish',
    title: 'a signedPayload that is no token',
    make: () => postOf('storewire.audit.garbage', NOBODYS),
  },
];

/**
 * What an endpoint that trusts the test authority should take. A TEST as well: one that looks up the customer of a renewal may refuse
 * that, since there is none.
 */
export const GOOD: readonly ControlPlan[] = [
  {
    id: 'control.good-renewal',
    kind: 'good',
    title: 'a renewal, signed by the test authority',
    make: good('DID_RENEW'),
  },
  { id: 'control.good-test', kind: 'good', title: 'a TEST, signed by the test authority', make: good('TEST') },
];

function good(type: string): ControlPlan['make'] {
  return ({ draft, chain }) => {
    const { built, ids } = draft({ type });
    return postOf(signNotification(built, chain).signedPayload, ids);
  };
}
