using System.Security.Cryptography;
using System.Text;
using Harima.Storage;

namespace Harima.Archives;

/// <summary>
/// Names in archives. Whoever unpacks one must get every file, inside the folder they unpack to: keys that are no path for a
/// file system (<c>a</c> beside <c>a/b</c>, <c>..</c>, over-long names) go to the folder <c>odd-names</c> with their key encoded.
/// </summary>
static class ArchiveNames
{
    const int LongestEncoded = 180;

    public static string Of(string folder, string path, DataFile file)
    {
        if (file.Location == Location.Tree && IsPlain(path))
            return $"{folder}/{path}";
        // What S3 clients make to show an empty folder.
        if (file.SizeBytes == 0 && path.EndsWith('/') && path.TrimEnd('/') is { Length: > 0 } name && IsPlain(name))
            return $"{folder}/{name}/";
        var encoded = Uri.EscapeDataString(path).Replace("..", "%2E%2E", StringComparison.Ordinal);
        if (encoded is "." or "")
            encoded = "%2E";
        if (encoded.Length > LongestEncoded)
            encoded =
                encoded[..(LongestEncoded - 17)]
                + "~"
                + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(path)))[..16];
        return $"{folder}/odd-names/{encoded}";
    }

    // To Windows a backslash is a separator too.
    static bool IsPlain(string path) =>
        !path.Contains('\\', StringComparison.Ordinal)
        && path.Split('/').All(segment => segment is not ("" or "." or "..") && !segment.Any(char.IsControl));
}
