import type { AppEnvironment } from '../../simulator/payloads/app.js';
import type { CertificateRole, OcspState } from '../ocsp-responder.js';
import type { ServerApiErrorCode } from '../server-api/errors.js';
import type { ErrorOverride } from './control-api.js';

/** What was ordered through the control API and is not done with. */
export class ControlOverrides {
  #errors: readonly ErrorOverride[] = [];
  readonly #ocsp = new Map<CertificateRole, OcspState>();

  orderError(order: ErrorOverride): void {
    this.#errors = [...this.#errors, order];
  }

  /** The error that the next answer of an environment is to be; each order counts down. */
  takeError(environment: AppEnvironment): ServerApiErrorCode | null {
    const found = this.#errors.find((order) => (order.environment ?? environment) === environment && order.times > 0);
    if (found === undefined) return null;
    this.#errors = this.#errors
      .map((order) => (order === found ? { ...order, times: order.times - 1 } : order))
      .filter(({ times }) => times > 0);
    return found.errorCode;
  }

  setOcspState(role: CertificateRole, state: OcspState): void {
    this.#ocsp.set(role, state);
  }

  ocspStateOf(role: CertificateRole): OcspState {
    return this.#ocsp.get(role) ?? 'good';
  }
}
