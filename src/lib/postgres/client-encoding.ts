/**
 * PostgreSQL's client encodings ("Character Set Support", table 24.1) by the names that the WHATWG Encoding
 * Standard gives them. What is not listed (MULE_INTERNAL, EUC_JIS_2004, EUC_TW, JOHAB, SHIFT_JIS_2004, LATIN6 …)
 * is shown byte by byte; only messages are ever decoded, data is passed on as it is.
 */
const WHATWG_NAMES: Readonly<Record<string, string>> = {
  BIG5: 'big5',
  EUC_CN: 'gbk',
  EUC_JP: 'euc-jp',
  EUC_KR: 'euc-kr',
  GB18030: 'gb18030',
  GBK: 'gbk',
  ISO_8859_5: 'iso-8859-5',
  ISO_8859_6: 'iso-8859-6',
  ISO_8859_7: 'iso-8859-7',
  ISO_8859_8: 'iso-8859-8',
  KOI8R: 'koi8-r',
  KOI8U: 'koi8-u',
  LATIN2: 'iso-8859-2',
  LATIN3: 'iso-8859-3',
  LATIN4: 'iso-8859-4',
  LATIN7: 'iso-8859-13',
  LATIN8: 'iso-8859-14',
  LATIN9: 'iso-8859-15',
  LATIN10: 'iso-8859-16',
  SJIS: 'shift_jis',
  UHC: 'euc-kr',
  WIN866: 'ibm866',
  WIN874: 'windows-874',
  WIN1250: 'windows-1250',
  WIN1251: 'windows-1251',
  WIN1252: 'windows-1252',
  WIN1253: 'windows-1253',
  WIN1254: 'windows-1254',
  WIN1255: 'windows-1255',
  WIN1256: 'windows-1256',
  WIN1257: 'windows-1257',
  WIN1258: 'windows-1258',
}

type Decoder = (bytes: Buffer) => string

const utf8: Decoder = (bytes) => bytes.toString('utf8')
const decoders = new Map<string, Decoder>([
  ['UTF8', utf8],
  ['SQL_ASCII', utf8],
])

/** A function that turns bytes in the given PostgreSQL encoding into text. */
export function decoderFor(encoding: string): Decoder {
  const known = decoders.get(encoding)
  if (known) return known
  const name = WHATWG_NAMES[encoding]
  const whatwg = name === undefined ? undefined : new TextDecoder(name)
  const decoder: Decoder = whatwg ? (bytes) => whatwg.decode(bytes) : (bytes) => bytes.toString('latin1')
  decoders.set(encoding, decoder)
  return decoder
}
