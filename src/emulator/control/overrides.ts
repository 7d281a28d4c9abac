import type { AppEnvironment } from '../../simulator/payloads/app.js';
import type { CertificateRole, OcspState } from '../ocsp-responder.js';
import type { ServerApiErrorCode } from '../server-api/errors.js';
import type { ErrorOverride } from './control-api.js';

/** Pending overrides of the control API. */
export class ControlOverrides {
  #errors: readonly ErrorOverride[] = [];
  readonly #ocsp = new Map<CertificateRole, OcspState>();

  addError(error: ErrorOverride): void {
    this.#errors = [...this.#errors, error];
  }

  /** Error for the next response in an environment, null if none. Uses up one of the override's `times`. */
  nextError(environment: AppEnvironment): ServerApiErrorCode | null {
    const found = this.#errors.find((error) => (error.environment ?? environment) === environment && error.times > 0);
    if (found === undefined) return null;
    this.#errors = this.#errors
      .map((error) => (error === found ? { ...error, times: error.times - 1 } : error))
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
