using Harima.Faults;

namespace Harima.SciCat.Filters;

/// <summary>Refusals of what a client asked in SciCat's words.</summary>
static class SciCatFault
{
    public static FaultException Filter(string message) => Fault.Invalid("scicat-filter", message);

    public static FaultException Body(string message) => Fault.Invalid("scicat-body", message);
}
