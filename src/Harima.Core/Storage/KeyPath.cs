using System.Security.Cryptography;
using System.Text;

namespace Harima.Storage;

/// <summary>Which keys can be plain files in the tree, and where the others lie.</summary>
static class KeyPath
{
    /// <summary>Harima's own folder in the root; no bucket can be named so.</summary>
    public const string Own = ".harima";

    // Linux: NAME_MAX 255 bytes, PATH_MAX 4096 including the root and the terminating NUL.
    const int LongestSegmentBytes = 255;
    const int LongestPathBytes = 4000;

    /// <summary>The plain file of a key, or null if a file system cannot hold that name.</summary>
    public static string? InTree(string root, string folder, string key)
    {
        foreach (var segment in key.Split('/'))
        {
            if (segment is "" or "." or ".." || segment.Any(char.IsControl))
                return null;
            if (Encoding.UTF8.GetByteCount(segment) > LongestSegmentBytes)
                return null;
        }
        var path = $"{root}/{folder}/{key}";
        return Encoding.UTF8.GetByteCount(path) > LongestPathBytes ? null : path;
    }

    /// <summary>Where a key lies that the tree cannot hold.</summary>
    public static string Odd(string root, string folder, string key)
    {
        var digest = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{folder}/{key}")));
        return $"{root}/{Own}/odd/{digest[..2]}/{digest}";
    }

    /// <summary>Where a version lies that is no longer the current one.</summary>
    public static string Version(string root, string blob) => $"{root}/{Own}/versions/{blob[^2..]}/{blob}";

    public static string Staged(string root, string blob) => $"{root}/{Own}/staging/{blob}";
}
