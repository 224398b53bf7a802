using System.Security.Cryptography;
using Harima.Faults;
using Harima.S3.Checksums;
using Harima.Storage;

namespace Harima.Core.Tests.Storage;

public sealed class HashingStreamTests
{
    static readonly byte[] Bytes = RandomNumberGenerator.GetBytes(3 * 1024 * 1024 + 5);

    static Exception TooLong(long? length) => Fault.Invalid("too-long", $"Longer than {length}.");

    [Fact]
    public async Task Digests_are_of_the_bytes_that_came_whatever_the_reader_does_with_its_buffer_afterwards()
    {
        // As a client of another store does: what was sent goes back to a pool, and others write into it at once.
        for (var round = 0; round < 50; round++)
        {
            using var sums = new ChecksumAccumulator([ChecksumAlgorithm.Crc64Nvme], md5: true);
            using var body = new MemoryStream(Bytes);
            await using var hashing = new HashingStream(body, Bytes.Length, sums, TooLong);
            var buffer = new byte[1024 * 1024];
            int read;
            while ((read = await hashing.ReadAsync(buffer, TestContext.Current.CancellationToken)) > 0)
                buffer.AsSpan(0, read).Fill(0xee);
            await hashing.EndAsync(TestContext.Current.CancellationToken);
            Assert.Equal(MD5.HashData(Bytes), sums.GetMd5());
            using var whole = new ChecksumAccumulator([ChecksumAlgorithm.Crc64Nvme]);
            whole.Append(Bytes);
            Assert.Equal(whole.Find(ChecksumAlgorithm.Crc64Nvme), sums.Find(ChecksumAlgorithm.Crc64Nvme));
        }
    }

    [Fact]
    public async Task A_body_that_ends_early_fails_the_read_and_says_on_whose_side()
    {
        using var sums = new ChecksumAccumulator([], md5: true);
        using var body = new MemoryStream(Bytes);
        await using var hashing = new HashingStream(body, Bytes.Length + 1, sums, TooLong);
        var fault = await Record.ExceptionAsync(() =>
            hashing.CopyToAsync(Stream.Null, TestContext.Current.CancellationToken)
        );
        Assert.NotNull(fault);
        Assert.Same(fault, hashing.Failure);
    }
}
