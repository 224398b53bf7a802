using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using BenchmarkDotNet.Attributes;
using Harima.S3.Checksums;
using Harima.S3.Signing;
using Harima.S3.Streaming;

namespace Harima.Bench.S3;

/// <summary>16 MiB of body: decoding aws-chunked with and without signatures, and the checksums.</summary>
[MemoryDiagnoser]
public class BodyReading
{
    const int Length = 16 << 20;
    const int ChunkBytes = 64 << 10;

    static readonly CredentialScope Scope = new("20260524", "us-east-1", "s3");
    static readonly byte[] Key = SigningKeys.Derive("secret", Scope);
    static readonly string Seed = new('0', 64);

    readonly byte[] _data = new byte[Length];
    readonly byte[] _buffer = new byte[512 << 10];
    byte[] _unsigned = [];
    byte[] _signed = [];

    static ChunkSigner Signer() => new(Key, "20260524T000000Z", Scope, Seed);

    [GlobalSetup]
    public void Encode()
    {
        RandomNumberGenerator.Fill(_data);
        _unsigned = Encode(null);
        _signed = Encode(Signer());
    }

    [Benchmark(Baseline = true)]
    public Task<long> UnsignedChunks() => ReadAsync(_unsigned, null);

    [Benchmark]
    public Task<long> SignedChunks() => ReadAsync(_signed, Signer());

    [Benchmark]
    public string Crc64Nvme() => Sum(ChecksumAlgorithm.Crc64Nvme);

    [Benchmark]
    public string Sha256() => Sum(ChecksumAlgorithm.Sha256);

    [Benchmark]
    public byte[] Md5()
    {
        using var sums = new ChecksumAccumulator([], md5: true);
        sums.Append(_data);
        return sums.GetMd5();
    }

    string Sum(ChecksumAlgorithm algorithm)
    {
        using var sums = new ChecksumAccumulator([algorithm]);
        sums.Append(_data);
        return sums.Find(algorithm)!.Value.Value;
    }

    async Task<long> ReadAsync(byte[] body, ChunkSigner? signer)
    {
        await using var reader = new AwsChunkedReader(new MemoryStream(body), Length, signer, expectsTrailer: false);
        long total = 0;
        for (int read; (read = await reader.ReadAsync(_buffer)) > 0; )
            total += read;
        return total;
    }

    byte[] Encode(ChunkSigner? signer)
    {
        using var body = new MemoryStream();
        for (var start = 0; start <= Length; start += ChunkBytes)
        {
            var chunk = _data.AsSpan(start, Math.Min(ChunkBytes, Length - start));
            var header = chunk.Length.ToString("x", CultureInfo.InvariantCulture);
            if (signer is not null)
                header += ";chunk-signature=" + signer.SignChunk(SHA256.HashData(chunk));
            body.Write(Encoding.ASCII.GetBytes(header + "\r\n"));
            body.Write(chunk);
            body.Write("\r\n"u8);
        }
        return body.ToArray();
    }
}
