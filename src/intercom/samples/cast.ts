/** The people and companies of samples. Invented; numbers, addresses and domains are from what is set aside for examples. */
export interface Place {
  readonly city: string;
  readonly region: string;
  readonly country: string;
  readonly countryCode: string;
  readonly continentCode: string;
  readonly postalCode: string;
  readonly timezone: string;
  readonly latitude: number;
  readonly longitude: number;
}

export interface Somebody {
  readonly name: string;
  /** In front of the @. */
  readonly mailbox: string;
  readonly place: number;
}

export const CUSTOMERS: readonly Somebody[] = [
  { name: 'Ilse Haverkamp', mailbox: 'ilse.haverkamp', place: 0 },
  { name: 'Søren Brandvold', mailbox: 's.brandvold', place: 1 },
  { name: 'Noor Castellan-Ó Dálaigh', mailbox: 'noor.castellan', place: 2 },
  { name: 'Priya Wexford', mailbox: 'priya+shop', place: 3 },
  { name: 'Emeka Lindqvist', mailbox: 'emeka_lindqvist', place: 2 },
  { name: '綾瀬 みなみ', mailbox: 'minami.ayase', place: 4 },
  { name: 'Соломія Гайворон', mailbox: 'solomia.haivoron', place: 5 },
  { name: 'Yıldız Karaağaç', mailbox: 'yildiz.karaagac', place: 6 },
  { name: 'Xiomara de la Vega Ruiz', mailbox: 'xiomara.delavega', place: 7 },
  { name: 'Benedikt Oßwald', mailbox: 'benedikt.osswald', place: 6 },
];

export const TEAMMATES = [
  { id: 7100421, name: 'Rosa Quintero', mailbox: 'rosa', title: 'Support engineer' },
  { id: 7100422, name: 'Jonas Abelard', mailbox: 'jonas', title: 'Team lead, Benelux' },
  { id: 7100436, name: 'Małgorzata Trzęsowska', mailbox: 'm.trzesowska', title: 'Onboarding specialist' },
  { id: 7100440, name: 'Tariq Osei-Bonsu', mailbox: 'tariq', title: 'Billing advisor' },
] as const;

export const PLACES: readonly Place[] = [
  place('Utrecht', 'Provincie Utrecht', 'Netherlands', 'NLD', 'EU', '3511 ZX', 'Europe/Amsterdam', 52.0917, 5.1187),
  place('Ålesund', 'Møre og Romsdal', 'Norway', 'NOR', 'EU', '6002-N', 'Europe/Oslo', 62.4722, 6.1549),
  place('Galway', 'Connacht', 'Ireland', 'IRL', 'EU', 'H91 X0X0', 'Europe/Dublin', 53.2707, -9.0568),
  place('Wagga Wagga', 'New South Wales', 'Australia', 'AUS', 'OC', '2650-W', 'Australia/Sydney', -35.1082, 147.3598),
  place('Kanazawa', 'Ishikawa', 'Japan', 'JPN', 'AS', '920-0902', 'Asia/Tokyo', 36.5613, 136.6562),
  place('Чернівці', 'Буковина', 'Ukraine', 'UKR', 'EU', '58002', 'Europe/Kyiv', 48.2915, 25.9352),
  place('Passau', 'Niederbayern', 'Germany', 'DEU', 'EU', '94032', 'Europe/Berlin', 48.5665, 13.4312),
  place('Logroño', 'La Rioja', 'Spain', 'ESP', 'EU', '26001', 'Europe/Madrid', 42.4627, -2.4449),
];

export const COMPANIES = ['Kestrel Freight', 'Odermatt Optics AG', 'Blue Fern Bakery', 'Maïs & Frères', '海猫製作所'];

export const PSEUDONYMS = [
  'Teal Lantern from Utrecht',
  'Amber Kettle from Galway',
  'Violet Compass',
  'Copper Umbrella from Passau',
  'Mint Harmonica',
];

/** Blocks that are set aside for films and examples: US 555-01xx, UK 07700 900xxx, Australia 0491 570xxx, France 06 39 98. */
export const PHONES: readonly (readonly [prefix: string, digits: number, formatted: string])[] = [
  ['+120255501', 2, '(202) 555-01##'],
  ['+447700900', 3, '07700 900###'],
  ['+61491570', 3, '0491 570 ###'],
  ['+33639981', 3, '06 39 98 1# ##'],
];

export const USER_AGENTS = [
  'Mozilla/5.0 (X11; Linux x86_64; rv:141.0) Gecko/20100101 Firefox/141.0',
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 13_6) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.6 Safari/605.1.15',
  'Mozilla/5.0 (Linux; Android 15; SM-X999) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/139.0.0.0 Mobile Safari/537.36',
];

function place(
  city: string,
  region: string,
  country: string,
  countryCode: string,
  continentCode: string,
  postalCode: string,
  timezone: string,
  latitude: number,
  longitude: number,
): Place {
  return { city, region, country, countryCode, continentCode, postalCode, timezone, latitude, longitude };
}
