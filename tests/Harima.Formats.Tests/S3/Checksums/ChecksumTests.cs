using System.Security.Cryptography;
using CsCheck;
using Harima.S3.Checksums;
using Harima.S3.Errors;

namespace Harima.Formats.S3.Checksums;

public class ChecksumTests
{
    static Checksum Of(ChecksumAlgorithm algorithm, ReadOnlySpan<byte> bytes)
    {
        using var accumulator = new ChecksumAccumulator([algorithm]);
        accumulator.Append(bytes);
        return accumulator.Find(algorithm)!.Value;
    }

    [Theory]
    [InlineData(ChecksumAlgorithm.Crc32, "AAAA")]
    [InlineData(ChecksumAlgorithm.Crc32, "AAAAAAA=")]
    [InlineData(ChecksumAlgorithm.Crc64Nvme, "AAAAAA==")]
    [InlineData(ChecksumAlgorithm.Sha256, "?")]
    public void A_value_of_the_wrong_length_or_alphabet_is_refused(ChecksumAlgorithm algorithm, string value) =>
        Assert.Equal("BadDigest", Assert.Throws<S3Exception>(() => Checksum.Parse(algorithm, value)).Code);

    [Fact]
    public void Hashes_cannot_be_combined() =>
        Assert.Throws<ArgumentException>(() =>
            CrcCombination.Combine(Of(ChecksumAlgorithm.Sha256, "a"u8), Of(ChecksumAlgorithm.Sha256, "b"u8), 1)
        );

    [Theory]
    [InlineData(ChecksumAlgorithm.Crc32, "cbf43926")]
    [InlineData(ChecksumAlgorithm.Crc32C, "e3069283")]
    [InlineData(ChecksumAlgorithm.Crc64Nvme, "ae8b14860a799888")]
    [InlineData(ChecksumAlgorithm.Sha1, "f7c3bc1d808e04732adf679965ccc34ca7ae3441")]
    [InlineData(ChecksumAlgorithm.Sha256, "15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225")]
    public void Check_values_are_the_published_ones(ChecksumAlgorithm algorithm, string hex) =>
        Assert.Equal(hex, Convert.ToHexStringLower(Of(algorithm, "123456789"u8).ToBytes()));

    [Fact]
    public void The_trailer_of_the_documentation_has_the_right_checksum() =>
        // 65 KiB of 'a', as in "Transferring Payload in Multiple Chunks with trailing headers".
        Assert.Equal(
            "sOO8/Q==",
            Of(ChecksumAlgorithm.Crc32C, new string('a', 66560).Select(c => (byte)c).ToArray()).Value
        );

    [Fact]
    public void An_accumulator_computes_all_it_was_asked_for_and_nothing_else()
    {
        using var accumulator = new ChecksumAccumulator([ChecksumAlgorithm.Crc32, ChecksumAlgorithm.Sha256], md5: true);
        accumulator.Append("1234"u8);
        accumulator.Append("56789"u8);

        Assert.Equal("y/Q5Jg==", accumulator.Find(ChecksumAlgorithm.Crc32)?.Value);
        Assert.Equal("25f9e794323b453885f5181f1b624d0b", Convert.ToHexStringLower(accumulator.GetMd5()));
        Assert.StartsWith("15e2b0d3", accumulator.FindSha256Hex(), StringComparison.Ordinal);
        Assert.Null(accumulator.Find(ChecksumAlgorithm.Crc64Nvme));
        Assert.Equal(9, accumulator.LengthBytes);
    }

    [Fact]
    public async Task A_tap_shows_what_passes()
    {
        using var accumulator = new ChecksumAccumulator([ChecksumAlgorithm.Crc32C]);
        using var tap = new ChecksumTap(new MemoryStream("123456789"u8.ToArray()), accumulator);

        await tap.CopyToAsync(Stream.Null, 4, TestContext.Current.CancellationToken);

        Assert.Equal(Of(ChecksumAlgorithm.Crc32C, "123456789"u8), accumulator.Find(ChecksumAlgorithm.Crc32C));
    }

    [Fact]
    public void Combined_CRCs_are_those_of_the_whole() =>
        Gen.Select(
                Gen.Enum<ChecksumAlgorithm>().Where(algorithm => algorithm.IsCombinable()),
                Gen.Byte.Array[0, 2000],
                Gen.Byte.Array[0, 2000]
            )
            .Sample(
                (algorithm, first, second) =>
                    CrcCombination.Combine(Of(algorithm, first), Of(algorithm, second), second.Length)
                    == Of(algorithm, [.. first, .. second]),
                iter: 3000
            );

    [Theory]
    [InlineData(ChecksumAlgorithm.Crc32)]
    [InlineData(ChecksumAlgorithm.Crc32C)]
    [InlineData(ChecksumAlgorithm.Crc64Nvme)]
    public void Combining_over_huge_lengths_is_associative(ChecksumAlgorithm algorithm)
    {
        // 5 TiB cannot be hashed here, but (a + b) + c must equal a + (b + c) whatever the lengths.
        var (a, b, c) = (Of(algorithm, "a"u8), Of(algorithm, "b"u8), Of(algorithm, "c"u8));
        const long lengthB = 5L << 40;
        const long lengthC = (3L << 40) + 12345;

        Assert.Equal(
            CrcCombination.Combine(CrcCombination.Combine(a, b, lengthB), c, lengthC),
            CrcCombination.Combine(a, CrcCombination.Combine(b, c, lengthC), lengthB + lengthC)
        );
    }

    [Fact]
    public void Multipart_ETag_is_the_MD5_of_the_MD5s()
    {
        byte[][] parts = [MD5.HashData("a"u8), MD5.HashData("b"u8)];
        var expected = Convert.ToHexStringLower(MD5.HashData([.. parts[0], .. parts[1]])) + "-2";

        Assert.Equal(expected, MultipartChecksums.ETag(parts));
        Assert.Equal(expected, MultipartChecksums.ETag([.. parts.Select(part => $"\"{Convert.ToHexString(part)}\"")]));
    }

    [Fact]
    public void Full_object_and_composite_checksums_come_from_the_parts()
    {
        var crc = ChecksumAlgorithm.Crc64Nvme;
        Assert.Equal(
            Of(crc, "onetwothree"u8),
            MultipartChecksums.FullObject([(Of(crc, "one"u8), 3), (Of(crc, "two"u8), 3), (Of(crc, "three"u8), 5)])
        );

        var (one, two) = (Of(ChecksumAlgorithm.Sha256, "one"u8), Of(ChecksumAlgorithm.Sha256, "two"u8));
        Assert.Equal(
            Of(ChecksumAlgorithm.Sha256, [.. one.ToBytes(), .. two.ToBytes()]).Value + "-2",
            MultipartChecksums.Composite([one, two]).Value
        );
    }
}
