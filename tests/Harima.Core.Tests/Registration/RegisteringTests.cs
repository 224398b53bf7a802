using System.Text;
using Harima.Identity;
using Harima.Registration;
using Harima.Sequences;
using Harima.Storage;
using Harima.Work;

namespace Harima.Core.Tests.Registration;

/// <summary>What the tests of registration have in common: trees on the facility's storage, and scans that are done at once.</summary>
public abstract class RegisteringTests(TestFacility facility) : FacilityTests(facility)
{
    protected static Principal Admin => TestFacility.Admin;

    protected string NewFolder(string name = "scan")
    {
        var folder = Path.Combine(Facility.Storage, NewId(), name);
        Directory.CreateDirectory(folder);
        return folder;
    }

    protected static string Write(string folder, string path, string text = "measured")
    {
        var file = Path.Combine(folder, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
        return file;
    }

    protected Task<RegisteredTree> RegisterAsync(string folder, string? sequence, int level = 0) =>
        ScannedAsync(new RegisterRequest(folder, TestFacility.Proposal, sequence, level));

    protected async Task<RegisteredTree> ScannedAsync(RegisterRequest request)
    {
        var started = await Get<RegisterFolder>().HandleAsync(request, Admin, Token);
        Assert.Equal(RegistrationState.Running, started.State);
        return await WorkAsync(started.Id);
    }

    protected async Task<RegisteredTree> WorkAsync(string id)
    {
        while (await Get<WorkWorker>().RoundAsync(Get<ScanFolder>().Work, Token) > 0) { }
        return await Get<RegistrationQueries>().GetAsync(id, Admin, Token);
    }

    protected async Task<RegisteredTree> RescanAsync(string id)
    {
        await Get<RescanFolder>().HandleAsync(id, Admin, Token);
        return await WorkAsync(id);
    }

    protected async Task<IReadOnlyList<Finding>> FindingsAsync(string id)
    {
        var found = new List<Finding>();
        string? cursor = null;
        do
        {
            // Pages of two: the cursor is tested on the way.
            var page = await Get<RegistrationQueries>().FindingsAsync(id, Admin, cursor, 2, Token);
            found.AddRange(page.Items);
            cursor = page.Next;
        } while (cursor is not null);
        return found;
    }

    protected async Task<string> ReadAsync(string key, Principal? who = null) =>
        Encoding.UTF8.GetString(await Facility.ReadAsync(key, who));

    protected Task<DataFile> GetAsync(string key) =>
        Get<FileQueries>().GetAsync(TestFacility.Leader, TestFacility.Bucket, key, Token);

    protected async Task<Sequence> SequenceAsync(string id) =>
        (await Get<SequenceAccess>().GetAsync(Admin, TestFacility.Proposal, id, Token)).Sequence;

    protected async Task<List<string>> KeysAsync(string sequence)
    {
        var listing = await Get<FileQueries>()
            .ListAsync(
                TestFacility.Leader,
                TestFacility.Bucket,
                new ListRequest(sequence + "/", null, null, 10_000),
                Token
            );
        Assert.Null(listing.Next);
        return [.. listing.Entries.Select(entry => entry.Name)];
    }

    protected static List<(string Path, long Size, DateTime Mtime)> Snapshot(string folder) =>
        [
            .. new DirectoryInfo(folder)
                .EnumerateFileSystemInfos("*", SearchOption.AllDirectories)
                .Select(one => (one.FullName, one is FileInfo file ? file.Length : 0, one.LastWriteTimeUtc))
                .Order(),
        ];

    protected Task RemoveAsync(string key) =>
        Get<RemoveFile>().HandleAsync(TestFacility.Bucket, key, null, TestFacility.Leader, Token);
}
