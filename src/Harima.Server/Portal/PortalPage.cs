using Harima.Catalogue;
using Harima.Faults;
using Harima.Hosting;
using Harima.Portal.Faults;
using Microsoft.AspNetCore.Components;

namespace Harima.Portal;

/// <summary>What most pages have: who looks, and one place for what went wrong with a form.</summary>
public abstract class PortalPage : ComponentBase
{
    [Inject]
    internal Visitor Visitor { get; set; } = null!;

    [Inject]
    protected FacilityClock Clock { get; set; } = null!;

    [Inject]
    internal Texts Words { get; set; } = null!;

    [Inject]
    protected NavigationManager Navigation { get; set; } = null!;

    [Inject]
    protected Addresses Addresses { get; set; } = null!;

    [CascadingParameter]
    protected HttpContext Context { get; set; } = null!;

    protected string S3Address => Addresses.S3Of(Context);

    protected CancellationToken Aborted => Context.RequestAborted;

    /// <summary>Why the form that was sent could not be done; shown above it.</summary>
    protected string? Problem { get; private set; }

    /// <summary>The same, as Core said it.</summary>
    protected FaultException? Refusal { get; private set; }

    /// <summary>Does what a form asked for. A refusal is shown on the page; what one may not see stays a 404.</summary>
    protected async Task<bool> TryAsync(Func<Task> act)
    {
        try
        {
            await act();
            return true;
        }
        catch (FaultException fault) when (fault.Code is not (FaultCode.NotFound or FaultCode.Unauthenticated))
        {
            Refusal = fault;
            Problem = FaultText.Of(fault, Words);
            return false;
        }
    }
}
