using System.Globalization;
using System.IO.Hashing;
using System.Text;

namespace Harima.Storage;

/// <summary>
/// Which bytes a registered file's row means: the folder, and what the file system said of the file when it was catalogued. Stands
/// in the row as its blob, so it names the version as any other blob does.
/// </summary>
/// <param name="ModifiedNanoseconds">Since 1970, as exactly as the file system knows it.</param>
readonly record struct RegisteredName(long FolderId, long ModifiedNanoseconds, ulong Inode)
{
    // No blob of Harima's own begins so.
    const char Mark = '@';

    public static bool Is(string blob) => blob.StartsWith(Mark);

    /// <param name="key">Two names of one file (hard links) are two versions.</param>
    public string ToBlob(string key) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{Mark}{FolderId:x}.{ModifiedNanoseconds:x}.{Inode:x}.{XxHash3.HashToUInt64(Encoding.UTF8.GetBytes(key)):x16}"
        );

    public static RegisteredName Parse(string blob)
    {
        var parts = blob[1..].Split('.');
        return new RegisteredName(Hex(parts[0]), Hex(parts[1]), unchecked((ulong)Hex(parts[2])));

        static long Hex(string text) =>
            unchecked((long)ulong.Parse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture));
    }

    /// <summary>
    /// The entity tag of a version while its MD5 is not known. No client takes it for an MD5: a dash marks what is none, and no upload
    /// has 0 parts.
    /// </summary>
    public static string ETagOf(string blob, long sizeBytes) =>
        Convert.ToHexStringLower(
            XxHash128.Hash(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{sizeBytes} {blob}")))
        ) + "-0";
}
