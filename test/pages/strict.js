document.querySelector("#compose").showModal();
