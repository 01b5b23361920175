/**
 * A character that no name may hold: controls, lone surrogates, and the marks that reorder text (UAX #9),
 * which could make one name look like another.
 */
export const CONTROL_CHARACTER = /[\p{Cc}\p{Bidi_Control}\p{Cs}]/u;
