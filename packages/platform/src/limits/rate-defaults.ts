/** Requests a minute where nobody has chosen otherwise; 0 is unlimited. */
export interface RateDefaults {
  /** Of one address (of IPv6: one /64) that sends no valid sign-in and no valid key. */
  address: number;
  /** Of one person who is signed in, to everything but running agents and asking how runs went. */
  user: number;
  /** Of one API key. */
  key: number;
  /** Of all callers of one agent together. */
  agent: number;
}

/**
 * A hundred a second for a person and for a stranger: no page and no honest client comes near, and a script that runs
 * wild is held. Keys and agents are what people measure their own machines with, so they are limited by choice alone.
 */
export const RATE_DEFAULTS: RateDefaults = { address: 6_000, user: 6_000, key: 0, agent: 0 };
