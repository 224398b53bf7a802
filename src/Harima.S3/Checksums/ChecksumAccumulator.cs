using System.Buffers.Binary;
using System.IO.Hashing;
using System.Security.Cryptography;

namespace Harima.S3.Checksums;

/// <summary>Computes a chosen set of checksums while bytes pass. Not thread-safe.</summary>
public sealed class ChecksumAccumulator : IDisposable
{
    readonly Crc32? _crc32;
    readonly Crc32? _crc32C;
    readonly Crc64? _crc64Nvme;
    readonly IncrementalHash? _sha1;
    readonly IncrementalHash? _sha256;
    readonly IncrementalHash? _md5;

    /// <summary>Starts empty.</summary>
    /// <param name="algorithms">Which checksums to compute.</param>
    /// <param name="md5">Whether to compute MD5 too, for the ETag or Content-MD5.</param>
    public ChecksumAccumulator(IEnumerable<ChecksumAlgorithm> algorithms, bool md5 = false)
    {
        foreach (var algorithm in algorithms)
        {
            switch (algorithm)
            {
                case ChecksumAlgorithm.Crc32:
                    _crc32 ??= new Crc32();
                    break;
                case ChecksumAlgorithm.Crc32C:
                    _crc32C ??= new Crc32(Crc32ParameterSet.Crc32C);
                    break;
                case ChecksumAlgorithm.Crc64Nvme:
                    _crc64Nvme ??= new Crc64(Crc64ParameterSet.Nvme);
                    break;
                case ChecksumAlgorithm.Sha1:
                    _sha1 ??= IncrementalHash.CreateHash(HashAlgorithmName.SHA1);
                    break;
                case ChecksumAlgorithm.Sha256:
                    _sha256 ??= IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
                    break;
                default:
                    throw new ArgumentOutOfRangeException(nameof(algorithms), algorithm, null);
            }
        }
        if (md5)
            _md5 = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
    }

    /// <summary>Bytes seen so far.</summary>
    public long LengthBytes { get; private set; }

    /// <summary>Takes the next bytes.</summary>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        LengthBytes += bytes.Length;
        _crc32?.Append(bytes);
        _crc32C?.Append(bytes);
        _crc64Nvme?.Append(bytes);
        _sha1?.AppendData(bytes);
        _sha256?.AppendData(bytes);
        _md5?.AppendData(bytes);
    }

    /// <summary>The checksum of the bytes so far, or null when the algorithm was not chosen.</summary>
    public Checksum? Find(ChecksumAlgorithm algorithm)
    {
        Span<byte> raw = stackalloc byte[32];
        raw = raw[..algorithm.SizeBytes()];
        // System.IO.Hashing writes these CRCs little-endian; S3 wants the number big-endian.
        switch (algorithm)
        {
            case ChecksumAlgorithm.Crc32 when _crc32 is not null:
                BinaryPrimitives.WriteUInt32BigEndian(raw, _crc32.GetCurrentHashAsUInt32());
                break;
            case ChecksumAlgorithm.Crc32C when _crc32C is not null:
                BinaryPrimitives.WriteUInt32BigEndian(raw, _crc32C.GetCurrentHashAsUInt32());
                break;
            case ChecksumAlgorithm.Crc64Nvme when _crc64Nvme is not null:
                BinaryPrimitives.WriteUInt64BigEndian(raw, _crc64Nvme.GetCurrentHashAsUInt64());
                break;
            case ChecksumAlgorithm.Sha1 when _sha1 is not null:
                _sha1.GetCurrentHash(raw);
                break;
            case ChecksumAlgorithm.Sha256 when _sha256 is not null:
                _sha256.GetCurrentHash(raw);
                break;
            default:
                return null;
        }
        return new Checksum(algorithm, Convert.ToBase64String(raw));
    }

    /// <summary>The MD5 of the bytes so far, 16 bytes.</summary>
    /// <exception cref="InvalidOperationException">MD5 was not chosen.</exception>
    public byte[] GetMd5() =>
        _md5?.GetCurrentHash() ?? throw new InvalidOperationException("MD5 was not asked for when this was made.");

    /// <summary>The SHA-256 of the bytes so far in lower-case hex, or null when it was not chosen.</summary>
    public string? FindSha256Hex() => _sha256 is null ? null : Convert.ToHexStringLower(_sha256.GetCurrentHash());

    /// <inheritdoc/>
    public void Dispose()
    {
        _sha1?.Dispose();
        _sha256?.Dispose();
        _md5?.Dispose();
    }
}
