using System.Security.Cryptography;
using System.Text;

namespace Harima.Metadata;

/// <summary>
/// Names a text of a metadata document by what it says, so that who worked from one text does not write over another. Two equal
/// texts have the same version, whenever they were written.
/// </summary>
public static class MetadataVersion
{
    /// <summary>Of a document that is not there.</summary>
    public const string None = "none";

    public static string Of(string? json) =>
        json is null ? None : Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(json)).AsSpan(0, 16));
}
