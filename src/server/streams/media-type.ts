/** The media type alone, in lower case: `Text/Plain; charset=utf-8` is `text/plain`. */
export const mediaType = (contentType: string): string => contentType.split(';', 1)[0]!.trim().toLowerCase();
