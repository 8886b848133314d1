export { createAddressPolicy, type AddressPolicy, type AddressPolicyOptions } from "./address-policy.ts";
export * from "./create-egress.ts";
export type { Resolve } from "./guarded-agent.ts";
