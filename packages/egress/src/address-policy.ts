import ipaddr from "ipaddr.js";

/** Which addresses an egress may connect to. */
export interface AddressPolicy {
  /** Undefined when the connection is fine, otherwise the reason, as the rest of "… is refused: it is …". */
  refusal(target: { hostname: string; port: number; address: string }): string | undefined;
}

export interface AddressPolicyOptions {
  /** Lets 127.0.0.0/8 and ::1 through: for model servers on this machine, never for addresses that a run chooses. */
  allowLoopback?: boolean;
  /** An operator's exceptions: `host:port` (`[::1]:8080` for IPv6) or a CIDR block (`10.1.0.0/16`). */
  allow?: readonly string[];
}

type Address = ipaddr.IPv4 | ipaddr.IPv6;

/**
 * Judges one resolved address. Only globally routable unicast addresses pass by themselves; addresses that carry another
 * one inside (IPv4-mapped, NAT64, 6to4, Teredo) never do, because what they lead to depends on the network.
 * Metadata services and link-local addresses stay closed even to an operator's exceptions.
 * @throws Error for an entry of `allow` that is neither `host:port` nor CIDR
 */
export function createAddressPolicy(options: AddressPolicyOptions = {}): AddressPolicy {
  const { blocks, targets } = parseAllowList(options.allow ?? []);
  return {
    refusal({ hostname, port, address }) {
      if (!ipaddr.isValid(address)) return "not an IP address";
      const parsed = ipaddr.parse(address);
      const kind = kindOf(parsed);
      if (kind === "public") return undefined;
      if (kind === "metadata") return "a cloud metadata service";
      if (NEVER_ALLOWED.has(kind)) return KIND_NAMES[kind];
      if (kind === "loopback" && options.allowLoopback === true) return undefined;
      if (targets.has(`${hostname.toLowerCase()}:${port}`) || blocks.some((block) => contains(block, parsed))) return undefined;
      return KIND_NAMES[kind];
    },
  };
}

type Kind =
  | "public"
  | "loopback"
  | "private"
  | "shared"
  | "link-local"
  | "multicast"
  | "unspecified"
  | "embedded"
  | "reserved"
  | "metadata";

const KIND_NAMES: Record<Exclude<Kind, "public">, string> = {
  loopback: "this machine itself",
  private: "a private address",
  shared: "a carrier's shared address",
  "link-local": "a link-local address",
  multicast: "a multicast or broadcast address",
  unspecified: "the unspecified address",
  embedded: "an address that hides another one",
  reserved: "a reserved address",
  metadata: "a cloud metadata service",
};
const NEVER_ALLOWED: ReadonlySet<Kind> = new Set(["link-local", "multicast", "unspecified"]);

/** Metadata services outside the link-local range: Azure, Alibaba, Oracle, Amazon over IPv6. */
const METADATA = new Set(["168.63.129.16", "100.100.100.200", "192.0.0.192", "fd00:ec2::254"]);

const KIND_OF_RANGE: Record<string, Kind> = {
  unicast: "public",
  loopback: "loopback",
  private: "private",
  uniqueLocal: "private",
  deprecatedSiteLocal: "private",
  carrierGradeNat: "shared",
  linkLocal: "link-local",
  multicast: "multicast",
  broadcast: "multicast",
  unspecified: "unspecified",
  ipv4Mapped: "embedded",
  rfc6145: "embedded",
  rfc6052: "embedded",
  "6to4": "embedded",
  teredo: "embedded",
};
const GLOBAL_UNICAST = ipaddr.IPv6.parseCIDR("2000::/3");

function kindOf(address: Address): Kind {
  if (METADATA.has(address.toString())) return "metadata";
  const kind = KIND_OF_RANGE[address.range()] ?? "reserved";
  // ipaddr.js calls everything that it has no name for unicast; IANA has given out 2000::/3 only (RFC 4291, 2.4).
  if (kind === "public" && address instanceof ipaddr.IPv6 && !address.match(GLOBAL_UNICAST)) return "reserved";
  return kind;
}

function contains([network, bits]: [Address, number], address: Address): boolean {
  return network.kind() === address.kind() && address.match(network as ipaddr.IPv4 & ipaddr.IPv6, bits);
}

function parseAllowList(entries: readonly string[]): { blocks: [Address, number][]; targets: Set<string> } {
  const blocks: [Address, number][] = [];
  const targets = new Set<string>();
  for (const entry of entries) {
    if (ipaddr.isValidCIDR(entry)) blocks.push(ipaddr.parseCIDR(entry));
    else if (/^(\[[0-9a-f:]+\]|[^:/\s]+):\d{1,5}$/i.test(entry)) targets.add(entry.toLowerCase());
    else throw new Error(`"${entry}" is neither host:port nor a CIDR block`);
  }
  return { blocks, targets };
}
