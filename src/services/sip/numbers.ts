/** What a dialled string means: who prefixes what, where it leads, and whether calls there are what toll fraud lives on. */
export type Dialled = {
  /** As an exchange reads it, `+972…`; without it, an extension or a number of the country itself. */
  number?: string
  /** What stood before it to get an outside line or out of the country: guessed by trying many. */
  prefix?: string
  country?: string
  /** Why fraudsters like it: somebody shares in the price of the call, or it is dear and seldom blocked. */
  risk?: 'premium rate' | 'often defrauded'
}

/** Ways out of a country (ITU-T E.164 annex: 00, 011, 0011, 810 …) behind the digits that offices take for an outside line. */
const international = ['+', '00', '011', '0011', '810', '010', '000', '0000', '00000', '000000']
const outside = [
  '',
  '9',
  '0',
  '8',
  '7',
  '1',
  '2',
  '3',
  '4',
  '5',
  '6',
  '99',
  '90',
  '00',
  '09',
  '19',
  '29',
  '39',
  '900',
  '999',
  '88',
  '80',
  '#',
  '*',
  '9#',
  '*9',
]

/** Country codes (ITU-T E.164, list of 2016), and longer beginnings where they tell more; the longest that fits counts. */
const places = {
  plain: `1 North America; 7 Russia or Kazakhstan; 27 South Africa; 30 Greece; 31 Netherlands; 32 Belgium; 33 France; 34 Spain; 36 Hungary;
  39 Italy; 40 Romania; 41 Switzerland; 43 Austria; 44 United Kingdom; 45 Denmark; 46 Sweden; 47 Norway; 49 Germany; 51 Peru; 52 Mexico;
  54 Argentina; 55 Brazil; 56 Chile; 57 Colombia; 58 Venezuela; 60 Malaysia; 61 Australia; 62 Indonesia; 63 Philippines;
  64 New Zealand; 65 Singapore; 66 Thailand; 81 Japan; 82 Korea; 84 Vietnam; 86 China; 90 Turkey; 91 India; 95 Myanmar; 98 Iran;
  225 Ivory Coast; 230 Mauritius; 233 Ghana; 234 Nigeria; 237 Cameroon; 238 Cape Verde; 241 Gabon; 244 Angola; 249 Sudan; 250 Rwanda;
  251 Ethiopia; 254 Kenya; 255 Tanzania; 256 Uganda; 258 Mozambique; 260 Zambia; 262 Réunion; 264 Namibia; 265 Malawi; 266 Lesotho;
  267 Botswana; 268 Eswatini; 291 Eritrea; 297 Aruba; 298 Faroe Islands; 299 Greenland; 350 Gibraltar; 351 Portugal; 352 Luxembourg;
  353 Ireland; 354 Iceland; 356 Malta; 357 Cyprus; 358 Finland; 359 Bulgaria; 374 Armenia; 376 Andorra; 378 San Marino; 380 Ukraine;
  385 Croatia; 389 North Macedonia; 420 Czechia; 421 Slovakia; 501 Belize; 502 Guatemala; 503 El Salvador; 504 Honduras;
  505 Nicaragua; 506 Costa Rica; 507 Panama; 508 Saint Pierre and Miquelon; 509 Haiti; 590 Guadeloupe; 591 Bolivia; 593 Ecuador;
  594 French Guiana; 595 Paraguay; 596 Martinique; 597 Suriname; 598 Uruguay; 599 Curaçao; 672 Norfolk Island; 673 Brunei;
  680 Palau; 687 New Caledonia; 689 French Polynesia; 691 Micronesia; 692 Marshall Islands; 800 international freephone;
  852 Hong Kong; 853 Macau; 856 Laos; 880 Bangladesh; 886 Taiwan; 962 Jordan; 965 Kuwait; 966 Saudi Arabia; 968 Oman;
  971 United Arab Emirates; 973 Bahrain; 974 Qatar; 975 Bhutan; 976 Mongolia; 977 Nepal`,
  /** Those that fraud reports name most, or that dear numbers hide behind. */
  'often defrauded': `20 Egypt; 211 South Sudan; 212 Morocco; 213 Algeria; 216 Tunisia; 218 Libya; 220 Gambia; 221 Senegal; 222 Mauritania; 223 Mali;
  224 Guinea; 226 Burkina Faso; 227 Niger; 228 Togo; 229 Benin; 231 Liberia; 232 Sierra Leone; 235 Chad; 236 Central African Republic;
  239 São Tomé and Príncipe; 240 Equatorial Guinea; 242 Congo; 243 Congo (DR); 245 Guinea-Bissau; 246 Diego Garcia; 247 Ascension;
  248 Seychelles; 252 Somalia; 253 Djibouti; 257 Burundi; 261 Madagascar; 263 Zimbabwe; 269 Comoros; 290 Saint Helena; 355 Albania;
  370 Lithuania; 371 Latvia; 372 Estonia; 373 Moldova; 375 Belarus; 377 Monaco; 381 Serbia; 382 Montenegro; 383 Kosovo;
  386 Slovenia; 387 Bosnia and Herzegovina; 423 Liechtenstein; 48 Poland; 500 Falkland Islands; 53 Cuba; 592 Guyana;
  670 East Timor; 674 Nauru; 675 Papua New Guinea; 676 Tonga; 677 Solomon Islands; 678 Vanuatu; 679 Fiji; 681 Wallis and Futuna;
  682 Cook Islands; 683 Niue; 685 Samoa; 686 Kiribati; 688 Tuvalu; 690 Tokelau; 850 North Korea; 855 Cambodia; 92 Pakistan;
  93 Afghanistan; 94 Sri Lanka; 960 Maldives; 961 Lebanon; 963 Syria; 964 Iraq; 967 Yemen; 970 Palestine; 972 Israel and Palestine;
  992 Tajikistan; 993 Turkmenistan; 994 Azerbaijan; 995 Georgia; 996 Kyrgyzstan; 998 Uzbekistan;
  ${['242', '246', '264', '268', '284', '345', '441', '473', '649', '664', '721', '758', '767', '784', '809', '829', '849', '868', '869', '876'].map(code => `1${code} Caribbean`).join('; ')}`,
  'premium rate': `1900 North America, premium; 43900 Austria, premium; 4470 United Kingdom, personal numbers; 449 United Kingdom, premium;
  49900 Germany, premium; 870 Inmarsat; 878 personal numbers; 881 satellites; 882 international networks; 883 international networks;
  979 international premium rate`,
} as const

type Place = Pick<Dialled, 'risk'> & { country: string }
const byCode = new Map<string, Place>(
  Object.entries(places).flatMap(([kind, list]) =>
    list.split(';').map((entry): [string, Place] => {
      const [, code = '', country = ''] = /^\s*(\d+) (.*?)\s*$/s.exec(entry) ?? []
      return [code, { country, ...(kind === 'plain' ? {} : { risk: kind as NonNullable<Dialled['risk']> }) }]
    }),
  ),
)
const prefixes = [...new Set(outside.flatMap(line => international.map(way => line + way)))].sort(
  (a, b) => b.length - a.length,
)

/** E.164: at most fifteen digits; fewer than these reach nobody abroad. */
const SHORTEST = 8
const LONGEST = 15

/** Reads the user part of a URI as a telephone system would (RFC 3261 §19.1.6: visual separators and parameters do not count). */
export function readDialled(user: string): Dialled {
  const text = user
    .slice(0, 64)
    .replace(/;.*$/s, '')
    .replace(/[-.() ]/g, '')
  if (!/^[*#+]{0,3}[0-9+#*]{7,40}$/.test(text)) return {}
  for (const prefix of prefixes) {
    if (!text.startsWith(prefix)) continue
    const number = text.slice(prefix.length)
    const place = placeOf(number)
    if (place) return { number: `+${number}`, ...(prefix === '+' ? {} : { prefix }), ...place }
  }
  // Without a way out of the country, behind the commonest digits for an outside line.
  for (const prefix of ['', '9', '0', '8']) {
    const number = text.slice(prefix.length)
    const place = text.startsWith(prefix) && number.length >= 10 ? placeOf(number) : undefined
    if (place) return { number: `+${number}`, ...(prefix === '' ? {} : { prefix }), ...place }
  }
  return {}
}

function placeOf(number: string) {
  if (number.length < SHORTEST || number.length > LONGEST || !/^[1-9]\d+$/.test(number)) return undefined
  for (let length = 5; length > 0; length--) {
    const place = byCode.get(number.slice(0, length))
    if (place) return place
  }
  return undefined
}
