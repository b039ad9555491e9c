/**
 * Definitions behind the names that grok patterns usually refer to, in RE2's syntax: numbers, words, hosts, addresses, paths,
 * dates, and the lines of syslog. The Collector's library has more, for the logs of single products: they are given as
 * `patternDefinitions` where somebody needs them.
 */
const raw = String.raw;

const NUMBERS = {
  INT: '[+-]?[0-9]+',
  POSINT: '[1-9][0-9]*',
  NONNEGINT: '[0-9]+',
  BASE10NUM: raw`[+-]?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)`,
  NUMBER: '%{BASE10NUM}',
  BASE16NUM: '[+-]?(?:0x)?[0-9A-Fa-f]+',
  BASE16FLOAT: raw`[+-]?(?:0x)?[0-9A-Fa-f]+(?:\.[0-9A-Fa-f]*)?`,
  BOOL: 'true|false',
};

const TEXTS = {
  WORD: raw`\b\w+\b`,
  NOTSPACE: raw`\S+`,
  SPACE: raw`\s*`,
  DATA: '.*?',
  GREEDYDATA: '.*',
  QUOTEDSTRING: raw`"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'`,
  QS: '%{QUOTEDSTRING}',
  USERNAME: '[a-zA-Z0-9._-]+',
  USER: '%{USERNAME}',
  EMAILLOCALPART: raw`[a-zA-Z][a-zA-Z0-9_.+=:-]*`,
  EMAILADDRESS: '%{EMAILLOCALPART}@%{HOSTNAME}',
  UUID: '[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}',
  URN: raw`urn:[0-9A-Za-z][0-9A-Za-z-]{0,31}:(?:%[0-9a-fA-F]{2}|[0-9A-Za-z()+,.:=@;$_!*'/?#-])+`,
  LOGLEVEL:
    '(?i:trace|debug|notice|info(?:rmation)?|warn(?:ing)?|err(?:or)?|crit(?:ical)?|fatal|severe|alert|emerg(?:ency)?)',
};

const OCTET = '(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])';
const GROUP = '[0-9A-Fa-f]{1,4}';
/** So many groups at most before the double colon, and what is left behind it. */
const SHORTENED = Array.from({ length: 7 }, (_, before) => {
  const front = before === 0 ? '' : `(?:${GROUP}:){${before}}`;
  return `${front}(?::${GROUP}){1,${7 - before}}`;
});

const HOSTS = {
  IPV4: raw`\b(?:${OCTET}\.){3}${OCTET}\b`,
  IPV6: `(?:(?:${GROUP}:){7}${GROUP}|(?:${GROUP}:){6}%{IPV4}|::(?:[Ff]{4}:)?%{IPV4}|:${SHORTENED.slice(0, 1).join('')}|${SHORTENED.slice(1).join('|')}|(?:${GROUP}:){1,7}:|::)(?:%[0-9A-Za-z]+)?`,
  IP: '%{IPV6}|%{IPV4}',
  HOSTNAME: raw`\b[0-9A-Za-z][0-9A-Za-z-]{0,62}(?:\.[0-9A-Za-z][0-9A-Za-z-]{0,62})*(?:\.|\b)`,
  IPORHOST: '%{IP}|%{HOSTNAME}',
  HOSTPORT: '%{IPORHOST}:%{POSINT}',
  CISCOMAC: raw`(?:[0-9A-Fa-f]{4}\.){2}[0-9A-Fa-f]{4}`,
  WINDOWSMAC: '(?:[0-9A-Fa-f]{2}-){5}[0-9A-Fa-f]{2}',
  COMMONMAC: '(?:[0-9A-Fa-f]{2}:){5}[0-9A-Fa-f]{2}',
  MAC: '%{CISCOMAC}|%{WINDOWSMAC}|%{COMMONMAC}',
};

const PLACES = {
  UNIXPATH: raw`(?:/[\w_%!$@:.,+~-]*)+`,
  WINPATH: raw`(?:[A-Za-z]:|\\)(?:\\[^\\?*]*)+`,
  PATH: '%{UNIXPATH}|%{WINPATH}',
  TTY: '/dev/(?:pts|tty(?:[pq])?)[a-z0-9]*/?[0-9]*',
  URIPROTO: '[A-Za-z](?:[A-Za-z0-9+.-]+)',
  URIHOST: '%{IPORHOST}(?::%{POSINT})?',
  URIPATH: raw`(?:/[A-Za-z0-9$.+!*'(){},~:;=@#%&_-]*)+`,
  URIQUERY: raw`[A-Za-z0-9$.+!*'|(){},~@#%&/=:;_?\[\]<>-]*`,
  URIPARAM: raw`\?%{URIQUERY}`,
  URIPATHPARAM: raw`%{URIPATH}(?:\?%{URIQUERY})?`,
  URI: raw`%{URIPROTO}://(?:%{USER}(?::[^@]*)?@)?(?:%{URIHOST})?(?:%{URIPATH}(?:\?%{URIQUERY})?)?`,
  // As an access log of a load balancer has it, in parts.
  ELB_URIHOST: '%{IPORHOST:url.domain}(?::%{POSINT:url.port:int})?',
  ELB_URIPATHQUERY: raw`%{URIPATH:url.path}(?:\?%{URIQUERY:url.query})?`,
  ELB_URIPATHPARAM: '%{ELB_URIPATHQUERY}',
  ELB_URI: '%{URIPROTO:url.scheme}://(?:%{USER:url.username}(?::[^@]*)?@)?(?:%{ELB_URIHOST})?(?:%{ELB_URIPATHQUERY})?',
};

const TIMES = {
  YEAR: '[0-9]{2}(?:[0-9]{2})?',
  MONTH: raw`\b(?:[Jj]an(?:uary)?|[Ff]eb(?:ruary)?|[Mm]ar(?:ch)?|[Aa]pr(?:il)?|[Mm]ay|[Jj]une?|[Jj]uly?|[Aa]ug(?:ust)?|[Ss]ep(?:t(?:ember)?)?|[Oo]ct(?:ober)?|[Nn]ov(?:ember)?|[Dd]ec(?:ember)?)\b`,
  MONTHNUM: '1[0-2]|0?[1-9]',
  MONTHDAY: '3[01]|[12][0-9]|0?[1-9]',
  DAY: raw`\b(?:Mon(?:day)?|Tue(?:sday)?|Wed(?:nesday)?|Thu(?:rsday)?|Fri(?:day)?|Sat(?:urday)?|Sun(?:day)?)\b`,
  HOUR: '2[0-3]|[01]?[0-9]',
  MINUTE: '[0-5][0-9]',
  // A minute may have a leap second.
  SECOND: '(?:[0-5]?[0-9]|60)(?:[:.,][0-9]+)?',
  TIME: '(?:%{HOUR}):(?:%{MINUTE})(?::(?:%{SECOND}))',
  TZ: '[A-Z]{3}',
  ISO8601_TIMEZONE: 'Z|[+-](?:%{HOUR}):?(?:%{MINUTE})',
  ISO8601_SECOND: '%{SECOND}',
  TIMESTAMP_ISO8601:
    '(?:%{YEAR})-(?:%{MONTHNUM})-(?:%{MONTHDAY})[T ](?:%{HOUR}):?(?:%{MINUTE})(?::?(?:%{SECOND}))?(?:%{ISO8601_TIMEZONE})?',
  DATE_US: '(?:%{MONTHNUM})[/-](?:%{MONTHDAY})[/-](?:%{YEAR})',
  DATE_EU: '(?:%{MONTHDAY})[./-](?:%{MONTHNUM})[./-](?:%{YEAR})',
  DATE: '%{DATE_US}|%{DATE_EU}',
  DATESTAMP: '(?:%{DATE})[- ](?:%{TIME})',
  DATESTAMP_RFC822: '(?:%{DAY}) (?:%{MONTH}) (?:%{MONTHDAY}) (?:%{YEAR}) (?:%{TIME}) (?:%{TZ})',
  DATESTAMP_RFC2822: '(?:%{DAY}), (?:%{MONTHDAY}) (?:%{MONTH}) (?:%{YEAR}) (?:%{TIME}) (?:%{ISO8601_TIMEZONE})',
  DATESTAMP_OTHER: '(?:%{DAY}) (?:%{MONTH}) (?:%{MONTHDAY}) (?:%{TIME}) (?:%{TZ}) (?:%{YEAR})',
  HTTPDATE: '(?:%{MONTHDAY})/(?:%{MONTH})/(?:%{YEAR}):(?:%{TIME}) (?:%{INT})',
};

const SYSLOG = {
  SYSLOGTIMESTAMP: '(?:%{MONTH}) +(?:%{MONTHDAY}) (?:%{TIME})',
  PROG: raw`[\x21-\x5a\x5c\x5e-\x7e]+`,
  SYSLOGPROG: raw`%{PROG:process.name}(?:\[%{POSINT:process.pid:int}\])?`,
  SYSLOGHOST: '%{IPORHOST}',
  SYSLOGFACILITY: '<%{NONNEGINT:log.syslog.facility.code:int}.%{NONNEGINT:log.syslog.priority:int}>',
  SYSLOGBASE: '%{SYSLOGTIMESTAMP:timestamp} (?:%{SYSLOGFACILITY} )?%{SYSLOGHOST:host.hostname} %{SYSLOGPROG}:',
};

export const PATTERNS: ReadonlyMap<string, string> = new Map(
  Object.entries({ ...NUMBERS, ...TEXTS, ...HOSTS, ...PLACES, ...TIMES, ...SYSLOG }),
);
