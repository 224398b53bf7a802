using System.Security.Cryptography;
using Harima.Faults;
using Harima.S3.Checksums;
using Harima.Sequences;
using Harima.Storage;

namespace Harima.Core.Tests.Sequences;

public sealed class MultipartUploadsOnSqlite(SqliteFacility facility)
    : MultipartUploadsTests(facility),
        IClassFixture<SqliteFacility>;

public sealed class MultipartUploadsOnPostgres(PostgresFacility facility)
    : MultipartUploadsTests(facility),
        IClassFixture<PostgresFacility>;

public abstract class MultipartUploadsTests(TestFacility facility) : FacilityTests(facility)
{
    const int Five = 5 << 20;

    static byte[] Bytes(int size, int seed)
    {
        var bytes = new byte[size];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    async Task<UploadPart> PartAsync(Upload upload, int number, byte[] bytes, bool announced = true) =>
        await Get<MultipartUploads>()
            .AddPartAsync(
                TestFacility.Leader,
                TestFacility.Bucket,
                upload.Key,
                upload.Id,
                number,
                new MemoryStream(bytes),
                new BodyExpectation { LengthBytes = announced ? bytes.Length : null },
                Token
            );

    Task<Upload> BeginAsync(string key, ChecksumAlgorithm? algorithm = null, ChecksumType? type = null) =>
        Get<MultipartUploads>()
            .BeginAsync(
                new BeginUploadRequest(TestFacility.Bucket, key, Algorithm: algorithm, Type: type),
                TestFacility.Leader,
                Token
            );

    Task<DataFile> CompleteAsync(Upload upload, params UploadPart[] parts) =>
        Get<MultipartUploads>()
            .CompleteAsync(
                new CompleteUploadRequest(
                    TestFacility.Bucket,
                    upload.Key,
                    upload.Id,
                    [.. parts.Select(part => new CompletedPart(part.Number, part.ETag))]
                ),
                TestFacility.Leader,
                Token
            );

    [Theory]
    [InlineData(new[] { 1, 2, 3 }, false)]
    [InlineData(new[] { 3, 1, 2 }, false)]
    [InlineData(new[] { 2, 3, 1 }, true)]
    public async Task Parts_in_any_order_and_sent_twice_make_the_whole(int[] order, bool again)
    {
        byte[][] parts = [Bytes(Five, 1), Bytes(Five, 2), Bytes(1234, 3)];
        var upload = await BeginAsync(NewId() + "/big");
        var stored = new UploadPart[3];
        if (again)
            await PartAsync(upload, 2, Bytes(Five, 99));
        await Parallel.ForEachAsync(
            order,
            Token,
            async (n, _) => stored[n - 1] = await PartAsync(upload, n, parts[n - 1])
        );
        var file = await CompleteAsync(upload, stored);
        var whole = parts.SelectMany(part => part).ToArray();
        Assert.Equal(whole, await Facility.ReadAsync(upload.Key));
        Assert.Equal(Convert.ToHexStringLower(MD5.HashData([.. parts.SelectMany(MD5.HashData)])) + "-3", file.ETag);
        using var sums = new ChecksumAccumulator([ChecksumAlgorithm.Crc32, ChecksumAlgorithm.Crc64Nvme]);
        sums.Append(whole);
        Assert.Equal(sums.Find(ChecksumAlgorithm.Crc64Nvme)!.Value.Value, file.Crc64Nvme);
        Assert.Equal(sums.Find(ChecksumAlgorithm.Crc32)!.Value.Value, file.Crc32);
        await Get<FileStore>().ConfirmPlacementsAsync(Token);
        Assert.Empty(Directory.GetFiles(Path.Combine(Facility.Files, ".harima", "staging")));
    }

    [Fact]
    public async Task Parts_of_unequal_size_and_unknown_length_make_the_whole()
    {
        byte[][] parts = [Bytes(Five + 17, 1), Bytes(Five, 2), Bytes(Five + 5000, 3), Bytes(3, 4)];
        var upload = await BeginAsync(NewId() + "/uneven");
        var stored = new List<UploadPart>();
        for (var n = 0; n < parts.Length; n++)
            stored.Add(await PartAsync(upload, n * 3 + 1, parts[n], announced: n % 2 == 0));
        await CompleteAsync(upload, [.. stored]);
        Assert.Equal(parts.SelectMany(part => part).ToArray(), await Facility.ReadAsync(upload.Key));
    }

    [Fact]
    public async Task Parts_that_are_not_named_are_left_out()
    {
        var upload = await BeginAsync(NewId() + "/some");
        var first = await PartAsync(upload, 1, Bytes(Five, 1));
        await PartAsync(upload, 2, Bytes(Five, 2));
        var third = await PartAsync(upload, 3, Bytes(10, 3));
        await CompleteAsync(upload, first, third);
        byte[] whole = [.. Bytes(Five, 1), .. Bytes(10, 3)];
        Assert.Equal(whole, await Facility.ReadAsync(upload.Key));
    }

    [Fact]
    public async Task A_part_that_is_too_small_wrong_or_out_of_order_is_refused_and_the_upload_stays()
    {
        var upload = await BeginAsync(NewId() + "/bad");
        var small = await PartAsync(upload, 1, Bytes(100, 1));
        var second = await PartAsync(upload, 2, Bytes(100, 2));
        Assert.Equal("part-too-small", (await RefusedAsync(() => CompleteAsync(upload, small, second))).Reason);
        Assert.Equal("part-order", (await RefusedAsync(() => CompleteAsync(upload, second, small))).Reason);
        Assert.Equal(
            "invalid-part",
            (await RefusedAsync(() => CompleteAsync(upload, small with { ETag = new string('0', 32) }))).Reason
        );
        Assert.Equal("no-parts", (await RefusedAsync(() => CompleteAsync(upload))).Reason);
        await CompleteAsync(upload, second);
        Assert.Equal(Bytes(100, 2), await Facility.ReadAsync(upload.Key));
    }

    [Fact]
    public async Task A_broken_part_can_be_sent_again_and_an_aborted_upload_gives_its_bytes_back()
    {
        var upload = await BeginAsync(NewId() + "/again");
        var request = new BodyExpectation { LengthBytes = 1000 };
        await RefusedAsync(() =>
            Get<MultipartUploads>()
                .AddPartAsync(
                    TestFacility.Leader,
                    TestFacility.Bucket,
                    upload.Key,
                    upload.Id,
                    1,
                    new MemoryStream(Bytes(10, 1)),
                    request,
                    Token
                )
        );
        var part = await PartAsync(upload, 1, Bytes(1000, 1));
        Assert.Equal(1000, part.SizeBytes);
        await Get<MultipartUploads>()
            .AbortAsync(TestFacility.Leader, TestFacility.Bucket, upload.Key, upload.Id, Token);
        Assert.Equal("no-such-upload", (await RefusedAsync(() => CompleteAsync(upload, part))).Reason);
        Assert.False(File.Exists(Path.Combine(Facility.Files, ".harima", "staging", upload.Blob)));
    }

    [Fact]
    public async Task Completions_of_one_upload_at_once_store_one_file_and_get_the_same_answer()
    {
        var upload = await BeginAsync(NewId() + "/twice");
        var part = await PartAsync(upload, 1, Bytes(Five, 1));
        var files = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => CompleteAsync(upload, part)));
        Assert.Single(files.Select(file => (file.Blob, file.ETag, file.ModifiedAt)).Distinct());
        Assert.Equal(Bytes(Five, 1), await Facility.ReadAsync(upload.Key));
    }

    [Fact]
    public async Task A_composite_checksum_is_the_checksum_of_the_parts_checksums()
    {
        var upload = await BeginAsync(NewId() + "/sha", ChecksumAlgorithm.Sha256, ChecksumType.Composite);
        byte[][] parts = [Bytes(Five, 1), Bytes(10, 2)];
        var first = await PartAsync(upload, 1, parts[0]);
        var second = await PartAsync(upload, 2, parts[1]);
        var file = await CompleteAsync(upload, first, second);
        var expected = Convert.ToBase64String(SHA256.HashData([.. parts.SelectMany(SHA256.HashData)])) + "-2";
        Assert.Equal(
            ("SHA256", expected, "Composite"),
            (file.ChecksumAlgorithm, file.ChecksumValue, file.ChecksumType)
        );
    }

    [Fact]
    public async Task A_sequence_with_an_unfinished_upload_cannot_be_closed()
    {
        var id = NewId();
        await Facility.PutAsync(id + "/a", [1]);
        var upload = await BeginAsync(id + "/big");
        var fault = await RefusedAsync(() =>
            Get<CloseSequence>().HandleAsync(TestFacility.Proposal, id, TestFacility.Leader, Token)
        );
        Assert.Equal("upload-unfinished", fault.Reason);
        await Get<MultipartUploads>()
            .AbortAsync(TestFacility.Leader, TestFacility.Bucket, upload.Key, upload.Id, Token);
        await Get<CloseSequence>().HandleAsync(TestFacility.Proposal, id, TestFacility.Leader, Token);
        Assert.Equal(FaultCode.Closed, (await RefusedAsync(() => BeginAsync(id + "/late"))).Code);
    }
}
