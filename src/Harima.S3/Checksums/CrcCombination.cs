using System.Buffers.Binary;

namespace Harima.S3.Checksums;

/// <summary>
/// The CRC of A followed by B from the CRCs of A and of B, without the bytes: crc(AB) = crc(A) * x^(8 |B|) + crc(B)
/// modulo the polynomial. That is how a multipart object gets its full-object checksum from its parts.
/// </summary>
/// <remarks>
/// Polynomials over GF(2) are kept bit-reversed, as these three CRCs shift: the highest bit is x^0. The method is zlib's
/// <c>crc32_combine</c>, which holds for every CRC whose initial and final values are all ones.
/// </remarks>
public static class CrcCombination
{
    static readonly Ring Crc32 = new(0xEDB88320, 32);
    static readonly Ring Crc32C = new(0x82F63B78, 32);
    static readonly Ring Crc64Nvme = new(0x9A6C9329AC4BC9B5, 64);

    /// <summary>Combines two checksums of one algorithm.</summary>
    /// <param name="first">Of the bytes that come first.</param>
    /// <param name="second">Of the bytes that follow.</param>
    /// <param name="secondLengthBytes">How many bytes follow.</param>
    /// <exception cref="ArgumentException">The algorithms differ, or are not CRCs.</exception>
    public static Checksum Combine(Checksum first, Checksum second, long secondLengthBytes)
    {
        if (first.Algorithm != second.Algorithm || !first.Algorithm.IsCombinable())
            throw new ArgumentException($"{first.Algorithm} and {second.Algorithm} cannot be combined.");
        ArgumentOutOfRangeException.ThrowIfNegative(secondLengthBytes);

        var combined = RingOf(first.Algorithm).Combine(ReadNumber(first), ReadNumber(second), secondLengthBytes);
        Span<byte> raw = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(raw, combined);
        return new Checksum(first.Algorithm, Convert.ToBase64String(raw[^first.Algorithm.SizeBytes()..]));
    }

    static Ring RingOf(ChecksumAlgorithm algorithm) =>
        algorithm switch
        {
            ChecksumAlgorithm.Crc32 => Crc32,
            ChecksumAlgorithm.Crc32C => Crc32C,
            _ => Crc64Nvme,
        };

    static ulong ReadNumber(Checksum checksum)
    {
        var raw = checksum.ToBytes();
        return raw.Length == 8 ? BinaryPrimitives.ReadUInt64BigEndian(raw) : BinaryPrimitives.ReadUInt32BigEndian(raw);
    }

    /// <summary>Arithmetic modulo one reflected polynomial of up to 64 bits.</summary>
    sealed class Ring
    {
        readonly ulong _polynomial;
        readonly ulong _one;

        // _powers[k] = x^(2^k). A length of 63 bits in bytes needs 66 of them.
        readonly ulong[] _powers = new ulong[67];

        public Ring(ulong polynomial, int bits)
        {
            _polynomial = polynomial;
            _one = 1UL << (bits - 1);
            _powers[0] = _one >> 1;
            for (var k = 1; k < _powers.Length; k++)
                _powers[k] = Multiply(_powers[k - 1], _powers[k - 1]);
        }

        public ulong Combine(ulong first, ulong second, long secondLengthBytes)
        {
            var shift = _one;
            // k starts at 3: the length counts bytes, the power counts bits.
            for (var k = 3; secondLengthBytes != 0; secondLengthBytes >>= 1, k++)
            {
                if ((secondLengthBytes & 1) != 0)
                    shift = Multiply(_powers[k], shift);
            }
            return Multiply(shift, first) ^ second;
        }

        ulong Multiply(ulong a, ulong b)
        {
            ulong product = 0;
            for (var mask = _one; mask != 0 && a != 0; mask >>= 1)
            {
                if ((a & mask) != 0)
                {
                    product ^= b;
                    a ^= mask;
                }
                b = (b & 1) != 0 ? (b >> 1) ^ _polynomial : b >> 1;
            }
            return product;
        }
    }
}
