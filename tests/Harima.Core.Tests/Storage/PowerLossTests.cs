using Dapper;
using Harima.Catalogue;
using Harima.Sequences;
using Harima.Storage;

namespace Harima.Core.Tests.Storage;

/// <summary>
/// What a loss of power can leave of small files that were answered but not yet written out, made by hand, and a start that mends it:
/// the catalogue is durable, and of the files nothing is.
/// </summary>
public sealed class PowerLossTests : IAsyncLifetime
{
    readonly SqliteFacility _facility = new();

    static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => _facility.InitializeAsync();

    public ValueTask DisposeAsync() => _facility.DisposeAsync();

    public enum Loss
    {
        /// <summary>The name was not written.</summary>
        Missing,

        /// <summary>The name was, the length was not.</summary>
        Empty,

        /// <summary>Everything but the bytes themselves.</summary>
        Zeros,
    }

    public static TheoryData<Loss> Losses => [.. Enum.GetValues<Loss>()];

    [Theory]
    [MemberData(nameof(Losses))]
    public async Task A_new_file_is_whole(Loss loss)
    {
        await _facility.PutAsync("S1/sub/a", [1, 2, 3]);
        await LosePowerAsync(loss);
        Assert.Equal([1, 2, 3], await _facility.ReadAsync("S1/sub/a"));
        Assert.Equal([1, 2, 3], await File.ReadAllBytesAsync(InTree("sub", "a"), Token));
        await RequireNothingLeftAsync();
    }

    [Theory]
    [MemberData(nameof(Losses))]
    public async Task An_overwritten_file_has_its_new_bytes(Loss loss)
    {
        await _facility.PutAsync("S1/a", [1]);
        await _facility.Get<FileStore>().ConfirmPlacementsAsync(Token);
        await _facility.PutAsync("S1/a", [2, 2]);
        await _facility.PutAsync("S1/a", [3, 3, 3]);
        await LosePowerAsync(loss);
        Assert.Equal([3, 3, 3], await File.ReadAllBytesAsync(InTree("a"), Token));
        await RequireNothingLeftAsync();
    }

    [Fact]
    public async Task A_rename_that_did_not_happen_is_done()
    {
        await _facility.PutAsync("S1/a", [1]);
        await _facility.Get<FileStore>().ConfirmPlacementsAsync(Token);
        await _facility.PutAsync("S1/a", [2, 2]);
        await _facility.StopAsync();
        await File.WriteAllBytesAsync(InTree("a"), [1], Token);
        await _facility.StartAsync();
        Assert.Equal([2, 2], await _facility.ReadAsync("S1/a"));
        Assert.Equal([2, 2], await File.ReadAllBytesAsync(InTree("a"), Token));
    }

    [Theory]
    [MemberData(nameof(Losses))]
    public async Task An_empty_file_and_one_the_tree_cannot_hold_are_there(Loss loss)
    {
        await _facility.PutAsync("S1/a", []);
        await _facility.PutAsync("S1/a/b", [4]);
        await LosePowerAsync(loss);
        Assert.Empty(await _facility.ReadAsync("S1/a"));
        Assert.Equal([4], await _facility.ReadAsync("S1/a/b"));
        await RequireNothingLeftAsync();
    }

    [Theory]
    [MemberData(nameof(Losses))]
    public async Task A_removed_file_stays_removed(Loss loss)
    {
        await _facility.PutAsync("S1/a", [1]);
        await _facility.Get<RemoveFile>().HandleAsync(TestFacility.Bucket, "S1/a", null, TestFacility.Leader, Token);
        await LosePowerAsync(loss);
        Assert.False(File.Exists(InTree("a")));
        await RequireNothingLeftAsync();
    }

    [Theory]
    [MemberData(nameof(Losses))]
    public async Task A_copy_is_whole(Loss loss)
    {
        await _facility.PutAsync("S1/a", [1, 2]);
        await _facility
            .Get<CopyFile>()
            .HandleAsync(
                new CopyFileRequest(TestFacility.Bucket, "S1/a", TestFacility.Bucket, "S1/b"),
                TestFacility.Leader,
                Token
            );
        await LosePowerAsync(loss);
        Assert.Equal([1, 2], await _facility.ReadAsync("S1/b"));
        await RequireNothingLeftAsync();
    }

    [Theory]
    [MemberData(nameof(Losses))]
    public async Task Every_version_has_its_bytes(Loss loss)
    {
        await KeepVersionsAsync();
        var files = new List<DataFile>();
        for (byte n = 1; n <= 3; n++)
            files.Add(await _facility.PutAsync("S1/a", [n, n]));
        await LosePowerAsync(loss);
        for (byte n = 1; n <= 3; n++)
            Assert.Equal([n, n], await ReadAsync("S1/a", files[n - 1].Version));
        Assert.Equal([3, 3], await File.ReadAllBytesAsync(InTree("a"), Token));
        await RequireNothingLeftAsync();
    }

    [Theory]
    [MemberData(nameof(Losses))]
    public async Task A_version_that_became_the_current_one_again_has_its_bytes_and_keeps_them(Loss loss)
    {
        await KeepVersionsAsync();
        var first = await _facility.PutAsync("S1/a", [1]);
        var second = await _facility.PutAsync("S1/a", [2]);
        await _facility
            .Get<RemoveFile>()
            .HandleAsync(
                new RemoveFileRequest(TestFacility.Bucket, "S1/a", second.Version),
                TestFacility.Leader,
                Token
            );
        await LosePowerAsync(loss);
        Assert.Equal([1], await File.ReadAllBytesAsync(InTree("a"), Token));
        await _facility.PutAsync("S1/a", [3]);
        Assert.Equal([1], await ReadAsync("S1/a", first.Version));
        await _facility.Get<FileStore>().ConfirmPlacementsAsync(Token);
        await RequireNothingLeftAsync();
    }

    [Theory]
    [MemberData(nameof(Losses))]
    public async Task A_version_behind_a_delete_marker_has_its_bytes(Loss loss)
    {
        await KeepVersionsAsync();
        var file = await _facility.PutAsync("S1/a", [1]);
        await _facility
            .Get<RemoveFile>()
            .HandleAsync(new RemoveFileRequest(TestFacility.Bucket, "S1/a"), TestFacility.Leader, Token);
        await LosePowerAsync(loss);
        Assert.Equal([1], await ReadAsync("S1/a", file.Version));
        Assert.False(File.Exists(InTree("a")));
        await RequireNothingLeftAsync();
    }

    [Fact]
    public async Task Power_that_goes_again_while_files_are_put_right_loses_nothing()
    {
        await KeepVersionsAsync();
        var file = await _facility.PutAsync("S1/a", [1]);
        await _facility.PutAsync("S1/a", [2]);
        // Durable marks, as they are in a start that does not come to its end.
        var marks = await MarksAsync();
        await LosePowerAsync(Loss.Zeros);
        await _facility
            .Get<CatalogueWriter>()
            .WriteAsync(
                transaction =>
                    transaction.Connection!.Execute(
                        "INSERT INTO unplaced (bucket_id, key, blob, body) VALUES (@BucketId, @Key, @Blob, @Body)",
                        marks,
                        transaction
                    ),
                Token
            );
        await LosePowerAsync(Loss.Zeros);
        Assert.Equal([1], await ReadAsync("S1/a", file.Version));
        Assert.Equal([2], await _facility.ReadAsync("S1/a"));
        await RequireNothingLeftAsync();
    }

    [Fact]
    public async Task The_catalogue_holds_the_bytes_of_small_files_until_they_are_written_out_and_never_those_of_others()
    {
        await _facility.PutAsync("S1/small", new byte[PosixStore.MostInCommitBytes]);
        await _facility.PutAsync("S1/large", new byte[PosixStore.MostInCommitBytes + 1]);
        var marks = await MarksAsync();
        Assert.Equal(
            [PosixStore.MostInCommitBytes],
            marks.Where(mark => mark.Body is not null).Select(mark => mark.Body!.Length)
        );
        Assert.Equal(2, marks.Count);
        await _facility.Get<FileStore>().ConfirmPlacementsAsync(Token);
        await RequireNothingLeftAsync();
    }

    [Fact]
    public async Task After_a_sync_that_failed_no_mark_goes_until_the_bytes_were_written_once_more()
    {
        await _facility.PutAsync("S1/a", [1]);
        var files = _facility.Get<FileStore>();
        files.Mistrust();
        Assert.Equal(0, await files.ConfirmPlacementsAsync(Token));
        Assert.Single(await MarksAsync());
        using (var before = File.OpenRead(InTree("a")))
        {
            await files.ReconcileAsync(_facility.Get<Database>(), Token);
            await using var write = File.OpenWrite(InTree("a"));
            await write.WriteAsync(new byte[] { 9 }, Token);
            await write.FlushAsync(Token);
            Assert.Equal(1, before.ReadByte());
        }
        await RequireNothingLeftAsync();
    }

    string InTree(params string[] below) => Path.Combine([_facility.Files, TestFacility.Proposal, "S1", .. below]);

    Task KeepVersionsAsync() =>
        _facility.Get<KeepVersions>().HandleAsync(TestFacility.Bucket, Versioning.Enabled, TestFacility.Leader, Token);

    /// <summary>Everything of which the catalogue still holds the bytes is lost from the tree, wherever it lies, and it is started again.</summary>
    async Task LosePowerAsync(Loss loss)
    {
        var marks = (await MarksAsync()).Where(mark => mark.Body is not null).ToList();
        Assert.NotEmpty(marks);
        List<long> moments;
        await using (var connection = await _facility.Get<Database>().OpenAsync(Token))
        {
            moments =
            [
                .. await connection.QueryAsync<long>(
                    """
                    SELECT f.modified_at FROM data_file f JOIN unplaced u ON u.blob = f.blob WHERE u.body IS NOT NULL
                    UNION SELECT f.modified_at FROM file_version f JOIN unplaced u ON u.blob = f.blob WHERE u.body IS NOT NULL
                    """
                ),
            ];
        }
        await _facility.StopAsync();
        // A modification time belongs to one version, so it tells which files are whose.
        var lost = new DirectoryInfo(_facility.Files)
            .EnumerateFiles("*", SearchOption.AllDirectories)
            .Where(file => moments.Contains(new DateTimeOffset(file.LastWriteTimeUtc).ToMicroseconds()))
            .ToList();
        Assert.True(lost.Count > 0 || moments.Count == 0);
        foreach (var file in lost)
            Lose(file, loss);
        await _facility.StartAsync();
    }

    static void Lose(FileInfo file, Loss loss)
    {
        if (loss == Loss.Missing)
        {
            file.Delete();
            return;
        }
        var at = file.LastWriteTimeUtc;
        File.WriteAllBytes(file.FullName, new byte[loss == Loss.Empty ? 0 : file.Length]);
        File.SetLastWriteTimeUtc(file.FullName, at);
    }

    async Task<List<Mark>> MarksAsync()
    {
        await using var connection = await _facility.Get<Database>().OpenAsync(Token);
        return (await connection.QueryAsync<Mark>("SELECT bucket_id, key, blob, body FROM unplaced")).AsList();
    }

    async Task RequireNothingLeftAsync()
    {
        Assert.Empty(await MarksAsync());
        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(_facility.Files, ".harima", "staging")));
    }

    async Task<byte[]> ReadAsync(string key, string version)
    {
        using var opened = await _facility
            .Get<FileQueries>()
            .OpenAsync(TestFacility.Leader, TestFacility.Bucket, key, version, Token);
        await using var stream = opened.ReadAll();
        using var copy = new MemoryStream();
        await stream.CopyToAsync(copy, Token);
        return copy.ToArray();
    }

    sealed class Mark
    {
        public long BucketId { get; init; }
        public required string Key { get; init; }
        public required string Blob { get; init; }
        public byte[]? Body { get; init; }
    }
}
