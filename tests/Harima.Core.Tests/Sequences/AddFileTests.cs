using System.Security.Cryptography;
using System.Text;
using Harima.Faults;
using Harima.Identity;
using Harima.S3.Checksums;
using Harima.Sequences;
using Harima.Storage;

namespace Harima.Core.Tests.Sequences;

public sealed class AddFileOnSqlite(SqliteFacility facility) : AddFileTests(facility), IClassFixture<SqliteFacility>;

public sealed class AddFileOnPostgres(PostgresFacility facility)
    : AddFileTests(facility),
        IClassFixture<PostgresFacility>;

public abstract class AddFileTests(TestFacility facility) : FacilityTests(facility)
{
    static byte[] Random(int sizeBytes, int seed = 1)
    {
        var bytes = new byte[sizeBytes];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    [Fact]
    public async Task A_key_without_a_sequence_is_refused_with_a_sentence_that_says_how_to_name_it()
    {
        var fault = await RefusedAsync(() => Facility.PutAsync("scan.h5", [1]));
        Assert.Equal(FaultCode.Invalid, fault.Code);
        Assert.Contains("<sequence>/scan.h5", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("stranger", FaultCode.NotFound)]
    [InlineData(null, FaultCode.NotFound)]
    public async Task Strangers_learn_nothing_of_the_bucket(string? who, FaultCode expected)
    {
        var principal = who is null ? Principal.Anonymous : new Principal(who, "test");
        var fault = await RefusedAsync(() => Facility.PutAsync($"{NewId()}/a", [1], principal));
        Assert.Equal(expected, fault.Code);
    }

    [Fact]
    public async Task A_body_shorter_than_announced_is_refused_and_leaves_nothing()
    {
        var id = NewId();
        var request = new AddFileRequest(
            TestFacility.Bucket,
            id + "/a",
            Expected: new BodyExpectation { LengthBytes = 10 }
        );
        var fault = await RefusedAsync(() =>
            Get<AddFile>().HandleAsync(request, new MemoryStream(new byte[9]), TestFacility.Leader, Token)
        );
        Assert.Equal(FaultCode.Incomplete, fault.Code);
        Assert.Equal(FaultCode.NotFound, (await RefusedAsync(() => Facility.ReadAsync(id + "/a"))).Code);
        Assert.Empty(Directory.GetFiles(Path.Combine(Facility.Files, ".harima", "staging")));
    }

    [Fact]
    public async Task A_wrong_checksum_in_the_trailer_is_refused_and_the_old_file_stays()
    {
        var key = NewId() + "/a";
        await Facility.PutAsync(key, [1, 2, 3]);
        var request = new AddFileRequest(
            TestFacility.Bucket,
            key,
            Expected: new BodyExpectation
            {
                Algorithm = ChecksumAlgorithm.Sha256,
                Checksum = () => new Checksum(ChecksumAlgorithm.Sha256, Convert.ToBase64String(new byte[32])),
            }
        );
        var fault = await RefusedAsync(() =>
            Get<AddFile>().HandleAsync(request, new MemoryStream([9, 9]), TestFacility.Leader, Token)
        );
        Assert.Equal(FaultCode.ChecksumMismatch, fault.Code);
        Assert.Equal([1, 2, 3], await Facility.ReadAsync(key));
    }

    [Fact]
    public async Task A_closed_sequence_takes_no_file_and_says_so()
    {
        var id = NewId();
        await Facility.PutAsync(id + "/a", [1]);
        await Get<CloseSequence>().HandleAsync(TestFacility.Proposal, id, TestFacility.Leader, Token);
        foreach (var key in new[] { id + "/a", id + "/b" })
            Assert.Equal(FaultCode.Closed, (await RefusedAsync(() => Facility.PutAsync(key, [2]))).Code);
        var fault = await RefusedAsync(() =>
            Get<RemoveFile>().HandleAsync(TestFacility.Bucket, id + "/a", null, TestFacility.Leader, Token)
        );
        Assert.Equal(FaultCode.Closed, fault.Code);
        Assert.Equal([1], await Facility.ReadAsync(id + "/a"));
    }

    [Fact]
    public async Task The_first_file_opens_the_sequence_for_its_writer()
    {
        var id = NewId();
        await Facility.PutAsync(id + "/raw/scan_0001.h5", Random(1000), TestFacility.Member);
        var view = await Get<SequenceQueries>().GetAsync(TestFacility.Leader, TestFacility.Proposal, id, Token);
        Assert.Equal("member", view.Sequence.Owner);
        Assert.Equal(SequenceState.Open, view.Sequence.State);
        Assert.Equal((1000, 1), (view.Sequence.SizeBytes, view.Sequence.FileCount));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(512 * 1024 - 1)]
    [InlineData(512 * 1024)]
    [InlineData(512 * 1024 + 1)]
    [InlineData(3_000_000)]
    public async Task What_was_stored_is_a_plain_file_and_reads_back_with_its_digests(int sizeBytes)
    {
        var (id, bytes) = (NewId(), Random(sizeBytes));
        var file = await Facility.PutAsync(id + "/データ/走査 1.dat", bytes);
        Assert.Equal(Convert.ToHexStringLower(MD5.HashData(bytes)), file.ETag);
        Assert.Equal(bytes, await Facility.ReadAsync(file.Key));
        Assert.Equal(
            bytes,
            await File.ReadAllBytesAsync(
                Path.Combine(Facility.Files, TestFacility.Proposal, id, "データ", "走査 1.dat"),
                Token
            )
        );
    }

    [Fact]
    public async Task Overwriting_keeps_size_and_count_of_the_sequence_right()
    {
        var id = NewId();
        await Facility.PutAsync(id + "/a", Random(500));
        await Facility.PutAsync(id + "/a", Random(200));
        await Facility.PutAsync(id + "/b", Random(1));
        await Get<RemoveFile>().HandleAsync(TestFacility.Bucket, id + "/b", null, TestFacility.Leader, Token);
        var view = await Get<SequenceQueries>().GetAsync(TestFacility.Leader, TestFacility.Proposal, id, Token);
        Assert.Equal((200, 1), (view.Sequence.SizeBytes, view.Sequence.FileCount));
    }

    public static TheoryData<string> KeysThatNoFolderHolds =>
        new(
            "folder/",
            "a//b",
            "x/../../../escape",
            "./here",
            "tab\tand\u0001control",
            new string('n', 300),
            "deep/" + string.Join('/', Enumerable.Repeat("長い名前", 75)),
            "trailing/dot/.."
        );

    [Theory]
    [MemberData(nameof(KeysThatNoFolderHolds))]
    public async Task A_key_that_no_file_system_holds_works_all_the_same(string path)
    {
        var key = $"{NewId()}/{path}";
        await Facility.PutAsync(key, Encoding.UTF8.GetBytes(path));
        await Facility.PutAsync(key, Encoding.UTF8.GetBytes(path + "2"));
        Assert.Equal(path + "2", Encoding.UTF8.GetString(await Facility.ReadAsync(key)));
        Assert.Single(
            (
                await Get<FileQueries>()
                    .ListAsync(TestFacility.Leader, TestFacility.Bucket, new(key, null, null, 10), Token)
            ).Entries
        );
        await Get<RemoveFile>().HandleAsync(TestFacility.Bucket, key, null, TestFacility.Leader, Token);
        Assert.Equal(FaultCode.NotFound, (await RefusedAsync(() => Facility.ReadAsync(key))).Code);
        Assert.False(File.Exists(Path.Combine(Facility.Folder, "escape")));
    }

    [Theory]
    [InlineData("a", "a/b")]
    [InlineData("a/b", "a")]
    [InlineData("a/b/c", "a/b")]
    public async Task A_name_can_be_file_and_folder_at_once(string first, string second)
    {
        var id = NewId();
        await Facility.PutAsync($"{id}/{first}", [1]);
        await Facility.PutAsync($"{id}/{second}", [2]);
        Assert.Equal([1], await Facility.ReadAsync($"{id}/{first}"));
        Assert.Equal([2], await Facility.ReadAsync($"{id}/{second}"));
        await Get<RemoveFile>().HandleAsync(TestFacility.Bucket, $"{id}/{first}", null, TestFacility.Leader, Token);
        Assert.Equal([2], await Facility.ReadAsync($"{id}/{second}"));
        await Facility.PutAsync($"{id}/{first}", [3]);
        Assert.Equal([3], await Facility.ReadAsync($"{id}/{first}"));
        Assert.Equal([2], await Facility.ReadAsync($"{id}/{second}"));
    }

    [Fact]
    public async Task If_none_match_star_lets_only_one_of_many_writers_win()
    {
        var key = NewId() + "/once";
        var request = new AddFileRequest(TestFacility.Bucket, key, Condition: new FileCondition(IfNoneMatch: "*"));
        var outcomes = await Task.WhenAll(
            Enumerable
                .Range(0, 20)
                .Select(async n =>
                {
                    try
                    {
                        await Get<AddFile>()
                            .HandleAsync(request, new MemoryStream([(byte)n]), TestFacility.Leader, Token);
                        return true;
                    }
                    catch (FaultException fault) when (fault.Code == FaultCode.PreconditionFailed)
                    {
                        return false;
                    }
                })
        );
        Assert.Single(outcomes, true);
    }

    [Fact]
    public async Task Readers_beside_a_busy_writer_always_get_one_whole_version()
    {
        var key = NewId() + "/busy";
        await Facility.PutAsync(key, Enumerable.Repeat((byte)0, 200_000).ToArray());
        var writing = Task.Run(
            async () =>
            {
                for (var n = 1; n <= 60; n++)
                    await Facility.PutAsync(key, Enumerable.Repeat((byte)n, 200_000 + n % 3).ToArray());
            },
            Token
        );
        while (!writing.IsCompleted)
        {
            var file = await Get<FileQueries>().OpenAsync(TestFacility.Leader, TestFacility.Bucket, key, Token);
            await using var stream = file.ReadAll();
            using var copy = new MemoryStream();
            await stream.CopyToAsync(copy, Token);
            Assert.Equal(file.File.ETag, Convert.ToHexStringLower(MD5.HashData(copy.ToArray())));
            file.Dispose();
        }
        await writing;
    }

    [Fact]
    public async Task Bytes_changed_behind_our_back_are_not_served()
    {
        var id = NewId();
        await Facility.PutAsync(id + "/a", Random(1000));
        var path = Path.Combine(Facility.Files, TestFacility.Proposal, id, "a");
        File.SetLastWriteTimeUtc(path, new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        Assert.Equal(Random(1000), await Facility.ReadAsync(id + "/a"));
        await File.WriteAllBytesAsync(path, Random(1000, seed: 2), Token);
        Assert.Equal(FaultCode.Damaged, (await RefusedAsync(() => Facility.ReadAsync(id + "/a"))).Code);
    }

    [Fact]
    public async Task Sizes_add_up_under_many_parallel_writers()
    {
        var id = NewId();
        await Parallel.ForEachAsync(
            Enumerable.Range(0, 300),
            new ParallelOptions { MaxDegreeOfParallelism = 24, CancellationToken = Token },
            async (n, _) => await Facility.PutAsync($"{id}/f{n % 200}", Random(100 + n % 200))
        );
        var view = await Get<SequenceQueries>().GetAsync(TestFacility.Leader, TestFacility.Proposal, id, Token);
        Assert.Equal(
            (200 * 100 + Enumerable.Range(0, 200).Sum(), 200),
            (view.Sequence.SizeBytes, view.Sequence.FileCount)
        );
    }
}
