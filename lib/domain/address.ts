/**
 * IP addresses as text, checked strictly and brought to one form, so that equal addresses are
 * equal strings. IPv4 is dotted decimal without leading zeros (RFC 6943 section 3.1.1 tells why
 * octal forms are refused), IPv6 follows RFC 4291 section 2.2 and is written as RFC 5952 says,
 * a zone id follows RFC 4007 section 11. An IPv4-mapped IPv6 address becomes its IPv4 address.
 */

const ZERO = 48;
const NINE = 57;
const DOT = 46;
const GROUP = /^[0-9a-f]{1,4}$/i;
const ZONE = /^[0-9A-Za-z._~-]{1,32}$/;
const MAX_TEXT_LENGTH = 46 + 33;

/** True for a dotted-decimal IPv4 address. By hand: reports hold some 100 addresses each. */
export function isIpv4(text: string): boolean {
  const length = text.length;
  if (length < 7 || length > 15) return false;
  let octet = 0;
  let digits = 0;
  let dots = 0;
  for (let i = 0; i < length; i++) {
    const code = text.charCodeAt(i);
    if (code >= ZERO && code <= NINE) {
      if (digits > 0 && octet === 0) return false;
      octet = octet * 10 + code - ZERO;
      digits++;
      if (octet > 255) return false;
    } else if (code === DOT) {
      if (digits === 0 || ++dots > 3) return false;
      octet = 0;
      digits = 0;
    } else return false;
  }
  return dots === 3 && digits > 0;
}

/** The canonical text of an address, or null where the text is none. */
export function canonicalIp(text: string): string | null {
  if (isIpv4(text)) return text;
  if (text.length > MAX_TEXT_LENGTH || !text.includes(":")) return null;
  const percent = text.indexOf("%");
  const zone = percent < 0 ? null : text.slice(percent + 1);
  if (zone !== null && !ZONE.test(zone)) return null;
  const groups = parseIpv6(percent < 0 ? text : text.slice(0, percent));
  if (!groups) return null;
  const mapped = mappedIpv4(groups);
  if (mapped) return zone === null ? mapped : null;
  const written = writeIpv6(groups);
  return zone === null ? written : `${written}%${zone}`;
}

/** True for `0.0.0.0` and `::`, which stand for "any address" or "no peer". Canonical text in. */
export function isUnspecified(ip: string): boolean {
  return ip === "0.0.0.0" || ip === "::";
}

/** True for 127.0.0.0/8 and `::1`. Canonical text in. */
export function isLoopback(ip: string): boolean {
  return ip === "::1" || (ip.startsWith("127.") && isIpv4(ip));
}

/** True for 169.254.0.0/16 and fe80::/10. Canonical text in. */
export function isLinkLocal(ip: string): boolean {
  return /^fe[89ab][0-9a-f]:/.test(ip) || ip.startsWith("169.254.");
}

/** Eight 16-bit groups, or null. */
function parseIpv6(text: string): number[] | null {
  const halves = text.split("::");
  if (halves.length > 2) return null;
  const head = parseGroups(halves[0] ?? "", halves.length === 1);
  if (halves.length === 1) return head?.length === 8 ? head : null;
  const tail = parseGroups(halves[1] ?? "", true);
  if (!head || !tail) return null;
  // "::" stands for at least one group of zeros (RFC 5952 section 4.2.2 has it for writing).
  const zeros = 8 - head.length - tail.length;
  if (zeros < 1) return null;
  return [...head, ...new Array<number>(zeros).fill(0), ...tail];
}

/** The groups between colons; the last may be a dotted IPv4 address where `mayEndInIpv4`. */
function parseGroups(text: string, mayEndInIpv4: boolean): number[] | null {
  if (text === "") return [];
  const parts = text.split(":");
  const groups: number[] = [];
  for (const [i, part] of parts.entries()) {
    if (GROUP.test(part)) groups.push(parseInt(part, 16));
    else if (mayEndInIpv4 && i === parts.length - 1 && isIpv4(part)) {
      const [a = 0, b = 0, c = 0, d = 0] = part.split(".").map(Number);
      groups.push(a * 256 + b, c * 256 + d);
    } else return null;
  }
  return groups;
}

function mappedIpv4(groups: number[]): string | null {
  const [high = 0, low = 0] = groups.slice(6);
  if (groups[5] !== 0xffff || groups.slice(0, 5).some((g) => g !== 0)) {
    return null;
  }
  return [high >> 8, high & 255, low >> 8, low & 255].join(".");
}

/** RFC 5952: lower case, no leading zeros, the first longest run of two or more zeros as "::". */
function writeIpv6(groups: number[]): string {
  let start = -1;
  let length = 1;
  for (let i = 0; i < 8; i++) {
    let end = i;
    while (end < 8 && groups[end] === 0) end++;
    if (end - i > length) [start, length] = [i, end - i];
    if (end > i) i = end;
  }
  const hex = groups.map((g) => g.toString(16));
  if (start < 0) return hex.join(":");
  return `${hex.slice(0, start).join(":")}::${
    hex.slice(start + length).join(":")
  }`;
}
