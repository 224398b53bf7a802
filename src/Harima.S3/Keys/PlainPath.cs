using System.Security.Cryptography;
using System.Text;

namespace Harima.S3.Keys;

/// <summary>
/// A key may hold anything; a path of a file system may not. Which keys are plain paths below a folder, and what the others are
/// called where they have to be files all the same (in archives, in what a client fetches).
/// </summary>
public static class PlainPath
{
    /// <summary>The folder of those that are no plain paths.</summary>
    public const string OddFolder = "odd-names";

    /// <summary>The longest name that every common file system holds, in bytes of UTF-8.</summary>
    public const int LongestNameBytes = 255;

    const int LongestEncoded = 180;
    const int HashDigits = 16;

    /// <summary>Whether <paramref name="path"/> names a file inside the folder it is put into, on any system.</summary>
    public static bool IsPlain(string path) =>
        // To Windows a backslash is a separator too.
        FindFault(path) is null
        && !path.Contains('\\', StringComparison.Ordinal);

    /// <summary>Why no system takes <paramref name="path"/> as a path below a folder, as what follows "it" in a sentence; or null.</summary>
    public static string? FindFault(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        foreach (var segment in path.Split('/'))
        {
            if (segment.Length == 0)
                return path.EndsWith('/') ? "ends with '/'" : "has an empty part between two '/'";
            if (segment is "." or "..")
                return $"has the part '{segment}', which means another folder";
            if (segment.Any(char.IsControl))
                return "has a control character in it";
        }
        return null;
    }

    /// <summary><c>odd-names/</c> and the key percent-encoded; cut, with a hash of the whole key, where that is too long.</summary>
    public static string Encode(string path)
    {
        var encoded = Uri.EscapeDataString(path).Replace("..", "%2E%2E", StringComparison.Ordinal);
        if (encoded is "." or "")
            encoded = "%2E";
        if (encoded.Length > LongestEncoded)
            encoded = encoded[..(LongestEncoded - HashDigits - 1)] + "~" + ShortNameOf(path);
        return $"{OddFolder}/{encoded}";
    }

    /// <summary>A short name that stands for <paramref name="path"/> and no other: the beginning of its SHA-256, in hex.</summary>
    public static string ShortNameOf(string path) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(path)))[..HashDigits];
}
