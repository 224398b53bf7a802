using Microsoft.Extensions.DependencyInjection;

namespace Harima.Registration;

static class RegistrationSetup
{
    public static void AddRegistration(this IServiceCollection services)
    {
        services
            .AddSingleton<RegistrationFolders>()
            .AddSingleton<RegistrationQueries>()
            .AddSingleton<RegisterFolder>()
            .AddSingleton<RescanFolder>()
            .AddSingleton<ChangePatterns>()
            .AddSingleton<RegisterListed>()
            .AddSingleton<RemoveRegistration>()
            .AddSingleton<ScanFolder>()
            .AddSingleton<SumFiles>()
            .AddSingleton<RegistrationWorker>();
        services
            .AddSingleton(provider => provider.GetRequiredService<ScanFolder>().Work)
            .AddSingleton(provider => provider.GetRequiredService<SumFiles>().Work)
            .AddHostedService(provider => provider.GetRequiredService<RegistrationWorker>());
    }
}
