using Harima.Catalogue;
using Harima.Sequences;
using Harima.Storage;
using Microsoft.AspNetCore.Components;

namespace Harima.Portal.Storage;

partial class StoragePage
{
    const int PageLength = 50;

    StorageReport _report = null!;
    Page<DamagedFileView> _damaged = new([], null);
    Page<UnfinishedUploadView> _uploads = new([], null);

    [Inject]
    StorageHealth Health { get; set; } = null!;

    [Inject]
    TimeProvider Time { get; set; } = null!;

    [SupplyParameterFromQuery(Name = "damaged")]
    string? DamagedCursor { get; set; }

    [SupplyParameterFromQuery(Name = "uploads")]
    string? UploadsCursor { get; set; }

    [SupplyParameterFromQuery(Name = "done")]
    string? Done { get; set; }

    /// <summary>What the button of the scrubber asks for: <c>start</c> or <c>pause</c>.</summary>
    [SupplyParameterFromForm(FormName = "scrub")]
    string? Scrubbing { get; set; }

    ScrubProgress Scrub => _report.Scrub;

    /// <summary>Of the bytes; of the files where there are no bytes.</summary>
    double Share =>
        Scrub.BytesTotal > 0 ? Math.Min(1, (double)Scrub.BytesChecked / Scrub.BytesTotal)
        : Scrub.FilesTotal > 0 ? Math.Min(1, (double)Scrub.FilesChecked / Scrub.FilesTotal)
        : 1;

    /// <summary>At its rate; small files take longer, so it is the least.</summary>
    TimeSpan? TimeLeft =>
        Scrub.State == ScrubState.Running && _report.BytesPerSecond > 0
            ? TimeSpan.FromSeconds(Math.Max(0, Scrub.BytesTotal - Scrub.BytesChecked) / _report.BytesPerSecond)
            : null;

    protected override async Task OnInitializedAsync()
    {
        _report = await Health.GetAsync(Visitor.Principal, Aborted);
        _damaged = await Health.DamagedAsync(Visitor.Principal, DamagedCursor, PageLength, Aborted);
        _uploads = await Health.UnfinishedUploadsAsync(Visitor.Principal, UploadsCursor, PageLength, Aborted);
    }

    async Task ScrubAsync()
    {
        var start = Scrubbing == "start";
        if (
            await TryAsync(() =>
                start ? Health.StartAsync(Visitor.Principal, Aborted) : Health.PauseAsync(Visitor.Principal, Aborted)
            )
        )
            Navigation.NavigateTo("/storage?done=" + (start ? "started" : "paused"));
    }

    async Task CheckAsync(string id)
    {
        DamagedFileView? left = null;
        if (await TryAsync(async () => left = await Health.CheckAgainAsync(id, Visitor.Principal, Aborted)))
            Navigation.NavigateTo("/storage?done=" + (left is null ? "mended" : "damaged"));
    }

    async Task AbortAsync(string id)
    {
        if (await TryAsync(() => Health.AbortUploadAsync(id, Visitor.Principal, Aborted)))
            Navigation.NavigateTo("/storage?done=aborted");
    }
}
