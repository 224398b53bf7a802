using System.Globalization;
using System.Security.Cryptography;

namespace Harima.S3.Checksums;

/// <summary>ETag and checksums of a multipart object, computed from those of its parts.</summary>
public static class MultipartChecksums
{
    /// <summary>Hex MD5 of the parts' raw MD5s, <c>-</c>, number of parts; without quotes.</summary>
    public static string ETag(IReadOnlyCollection<byte[]> partMd5s)
    {
        using var md5 = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
        foreach (var part in partMd5s)
            md5.AppendData(part);
        return $"{Convert.ToHexStringLower(md5.GetCurrentHash())}-{Count(partMd5s.Count)}";
    }

    /// <summary>The same from the parts' ETags in hex, quoted or not.</summary>
    public static string ETag(IReadOnlyCollection<string> partETags) =>
        ETag([.. partETags.Select(etag => Convert.FromHexString(etag.AsSpan().Trim('"')))]);

    /// <summary>The checksum of the parts' checksums, <c>-</c>, number of parts.</summary>
    /// <param name="parts">The parts' checksums in order, all of one algorithm; not empty.</param>
    public static Checksum Composite(IReadOnlyCollection<Checksum> parts)
    {
        var algorithm = parts.First().Algorithm;
        using var accumulator = new ChecksumAccumulator([algorithm]);
        foreach (var part in parts)
            accumulator.Append(part.ToBytes());
        return new Checksum(algorithm, $"{accumulator.Find(algorithm)!.Value.Value}-{Count(parts.Count)}");
    }

    /// <summary>The checksum of the whole object's bytes. Only the CRCs allow that.</summary>
    /// <param name="parts">The parts' checksums and lengths in order; not empty.</param>
    public static Checksum FullObject(IEnumerable<(Checksum Checksum, long LengthBytes)> parts)
    {
        Checksum? whole = null;
        foreach (var (checksum, lengthBytes) in parts)
            whole = whole is { } first ? CrcCombination.Combine(first, checksum, lengthBytes) : checksum;
        return whole ?? throw new ArgumentException("A multipart object has at least one part.", nameof(parts));
    }

    static string Count(int parts) => parts.ToString(CultureInfo.InvariantCulture);
}
