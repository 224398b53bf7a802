namespace Harima.S3.Checksums;

/// <summary>The algorithms of S3's additional checksums.</summary>
public enum ChecksumAlgorithm
{
    /// <summary>CRC-32 (ISO-HDLC), 4 bytes.</summary>
    Crc32,

    /// <summary>CRC-32C (Castagnoli), 4 bytes.</summary>
    Crc32C,

    /// <summary>CRC-64/NVME, 8 bytes; what the newest clients send.</summary>
    Crc64Nvme,

    /// <summary>SHA-1, 20 bytes.</summary>
    Sha1,

    /// <summary>SHA-256, 32 bytes.</summary>
    Sha256,
}

/// <summary>How the checksum of a multipart object relates to those of its parts.</summary>
public enum ChecksumType
{
    /// <summary>The checksum of the object's bytes, as if it had been written at once.</summary>
    FullObject,

    /// <summary>The checksum of the parts' checksums, followed by <c>-</c> and the number of parts.</summary>
    Composite,
}

/// <summary>Names, sizes and headers of the algorithms.</summary>
public static class ChecksumAlgorithms
{
    // In the order of the enum, which indexes it.
    static readonly (string Name, string Header, string Element, int SizeBytes)[] Table =
    [
        ("CRC32", "x-amz-checksum-crc32", "ChecksumCRC32", 4),
        ("CRC32C", "x-amz-checksum-crc32c", "ChecksumCRC32C", 4),
        ("CRC64NVME", "x-amz-checksum-crc64nvme", "ChecksumCRC64NVME", 8),
        ("SHA1", "x-amz-checksum-sha1", "ChecksumSHA1", 20),
        ("SHA256", "x-amz-checksum-sha256", "ChecksumSHA256", 32),
    ];

    /// <summary>Every algorithm.</summary>
    public static IReadOnlyList<ChecksumAlgorithm> All { get; } = Enum.GetValues<ChecksumAlgorithm>();

    /// <summary>S3's name, such as <c>CRC64NVME</c>.</summary>
    public static string Name(this ChecksumAlgorithm algorithm) => Table[(int)algorithm].Name;

    /// <summary>The header that carries the value, such as <c>x-amz-checksum-crc32c</c>.</summary>
    public static string Header(this ChecksumAlgorithm algorithm) => Table[(int)algorithm].Header;

    /// <summary>The XML element that carries the value, such as <c>ChecksumCRC32C</c>.</summary>
    public static string Element(this ChecksumAlgorithm algorithm) => Table[(int)algorithm].Element;

    /// <summary>Length of the raw value in bytes.</summary>
    public static int SizeBytes(this ChecksumAlgorithm algorithm) => Table[(int)algorithm].SizeBytes;

    /// <summary>True for the CRCs: a full-object value can be combined from those of the parts.</summary>
    public static bool IsCombinable(this ChecksumAlgorithm algorithm) => algorithm <= ChecksumAlgorithm.Crc64Nvme;

    /// <summary>S3's name of a type, <c>FULL_OBJECT</c> or <c>COMPOSITE</c>.</summary>
    public static string Name(this ChecksumType type) => type == ChecksumType.FullObject ? "FULL_OBJECT" : "COMPOSITE";

    /// <summary>Finds an algorithm by S3's name, in any case.</summary>
    public static bool TryParse(string? name, out ChecksumAlgorithm algorithm)
    {
        for (var i = 0; i < Table.Length; i++)
        {
            if (string.Equals(Table[i].Name, name, StringComparison.OrdinalIgnoreCase))
            {
                algorithm = (ChecksumAlgorithm)i;
                return true;
            }
        }
        algorithm = default;
        return false;
    }

    /// <summary>Finds an algorithm by its header, in any case.</summary>
    public static bool TryParseHeader(string? header, out ChecksumAlgorithm algorithm)
    {
        for (var i = 0; i < Table.Length; i++)
        {
            if (string.Equals(Table[i].Header, header, StringComparison.OrdinalIgnoreCase))
            {
                algorithm = (ChecksumAlgorithm)i;
                return true;
            }
        }
        algorithm = default;
        return false;
    }
}
