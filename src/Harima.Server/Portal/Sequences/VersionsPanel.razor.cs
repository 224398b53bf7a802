using Harima.Sequences;
using Harima.Storage;
using Microsoft.AspNetCore.Components;

namespace Harima.Portal.Sequences;

/// <summary>What one file was before, newest first; an older version becomes the current one again by a copy.</summary>
partial class VersionsPanel
{
    const int PageLength = 50;

    IReadOnlyList<VersionEntry> _versions = [];
    string? _next;

    [Inject]
    FileQueries Files { get; set; } = null!;

    [Inject]
    CopyFile CopyFile { get; set; } = null!;

    [Parameter, EditorRequired]
    public FilesPlace Place { get; set; } = null!;

    /// <summary>Of the file, within the sequence or workspace.</summary>
    [Parameter, EditorRequired]
    public string Path { get; set; } = "";

    [Parameter]
    public bool CanWrite { get; set; }

    /// <summary>Only versions older than this one.</summary>
    [SupplyParameterFromQuery(Name = "before")]
    string? Before { get; set; }

    string Key => Place.Root + Path;

    protected override async Task OnInitializedAsync()
    {
        var request = new ListVersionsRequest(Key, null, Before is null ? null : Key, Before, PageLength);
        var listing = await Files.ListVersionsAsync(Visitor.Principal, Place.Bucket, request, Aborted);
        // The key itself is the first of those that begin so.
        _versions = [.. listing.Entries.TakeWhile(entry => entry.Name == Key)];
        _next = listing.NextKey == Key ? listing.NextVersion : null;
    }

    async Task RestoreAsync(string version)
    {
        var copy = new CopyFileRequest(Place.Bucket, Key, Place.Bucket, Key, SourceVersion: version);
        if (await TryAsync(() => CopyFile.HandleAsync(copy, Visitor.Principal, Aborted)))
            Navigation.NavigateTo(Address.Of(Place.Here, ("versions", Path)));
    }
}
