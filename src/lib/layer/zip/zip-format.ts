// The numbers of the zip format: PKWARE, "APPNOTE.TXT - .ZIP File Format Specification" 6.3.10, the chapters in brackets.

/** What the records begin with (4.3.7, 4.3.12, 4.3.14 to 4.3.16). */
export const SIGNATURE = {
  local: 0x0403_4b50,
  central: 0x0201_4b50,
  zip64End: 0x0606_4b50,
  zip64Locator: 0x0706_4b50,
  end: 0x0605_4b50,
} as const

/** Bytes of the records, without the texts of variable length. */
export const LENGTH = { local: 30, central: 46, zip64End: 56, zip64Locator: 20, end: 22 } as const

/** Bytes of the longest comment at the end of a zip: its length has 16 bits. */
export const LONGEST_COMMENT = 0xffff

/** What stands where a number is too large for the field; the number itself is in the zip64 record then (4.4.1.4). */
export const FULL = { two: 0xffff, four: 0xffff_ffff } as const

/** The kind of extra field that has the large numbers of an entry (4.5.3). */
export const ZIP64_EXTRA = 0x0001

/** Bits of the general purpose flags (4.4.4): encrypted, sizes follow the data, strongly encrypted, names in UTF-8, hidden header. */
export const FLAG = { encrypted: 0x1, sizesFollow: 0x8, strong: 0x40, utf8: 0x800, masked: 0x2000 } as const

/** How an entry is stored (4.4.5): as it is, or deflated. */
export const METHOD = { stored: 0, deflated: 8 } as const

/** "Version made by" for Unix (4.4.2): the upper half of the external attributes is a file mode of Unix then. */
export const MADE_BY_UNIX = 3

/** 1 January 1980, 0:00, as the format has it (4.4.6): the first moment that it knows. */
export const EARLIEST = { date: 0x0021, time: 0 } as const
