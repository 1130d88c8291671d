"""Every URL of the installation. All but the first few need a signed-in person, by middleware."""

from django.contrib.auth import views as auth
from django.contrib.auth.decorators import login_not_required
from django.urls import include, path

from config import health, languages
from registry.views import second_factor, sign_ins

urlpatterns = [
    path("livez", login_not_required(health.livez), name="livez"),
    path("readyz", login_not_required(health.readyz), name="readyz"),
    path("i18n/setlang/", languages.choose_language, name="set_language"),
    path("login/", sign_ins.SignIn.as_view(), name="login"),
    path("login/code/", second_factor.login_code, name="login-code"),
    path("logout/", auth.LogoutView.as_view(), name="logout"),
    path("password/", sign_ins.PasswordChange.as_view(), name="password_change"),
    path("password/forgotten/", sign_ins.password_forgotten, name="password_reset"),
    path("password/done/", auth.PasswordChangeDoneView.as_view(), name="password_change_done"),
    path("password/<uidb64>/<token>/", sign_ins.PasswordSet.as_view(), name="password_reset_confirm"),
    path("password/set/", auth.PasswordResetCompleteView.as_view(), name="password_reset_complete"),
    path("", include("registry.urls")),
    path("", include("risk.urls")),
    path("", include("rai.urls")),
    path("", include("reports.urls")),
    path("api/v1/", include("config.api")),
]
